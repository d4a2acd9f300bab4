import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import { peerKey, roomAddress } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import type { Identity } from '../../auth/types'
import type { Lastra } from '../../lastra'
import type { Connection } from '../connection'
import { requirePlace, takeTurn } from '../places'
import type { PostedTransport } from './posted'

const RETRY_AFTER_MS = 10_000

const several = z.union([z.array(z.string()), z.string().transform(value => [value])])

/** What a stream or poll request may ask for in its query (SSE-1, POL-1). */
export const lineQuery = z.object({
  room: several.pipe(z.array(roomAddress).max(LIMITS.roomsPerConnection, `at most ${LIMITS.roomsPerConnection} rooms a connection`)).default([]),
  from_seq: z.coerce.number().int('must be a whole number').min(0, 'must not be negative').max(Number.MAX_SAFE_INTEGER).optional(),
  peer_key: peerKey.optional(),
  /** Where polyfills of EventSource say their place, who cannot set a header. */
  lastEventId: z.union([z.string(), z.array(z.string())]).optional(),
})

export interface LineRequest {
  rooms: readonly string[]
  /** Where the replay of each room starts. */
  fromSeq?: number
  peerKey?: string
}

/**
 * Reads a line's query and, for a stream that is resumed by the browser itself, `Last-Event-ID`, which wins, or the `lastEventId` of a
 * polyfill. An empty one says that no event came yet (SSE-1).
 *
 * @throws ZodError or ProtocolError that names what is wrong
 */
export function lineRequest(query: z.output<typeof lineQuery>, headers: IncomingMessage['headers']): LineRequest {
  const lastId = headers['last-event-id']?.toString() || [query.lastEventId].flat().at(-1) || undefined
  if (lastId !== undefined && !/^\d{1,15}$/.test(lastId)) throw new ProtocolError('bad_frame', 'Last-Event-ID: must be the number of an entry')
  return { rooms: [...new Set(query.room)], fromSeq: lastId === undefined ? query.from_seq : Number(lastId), peerKey: query.peer_key }
}

/**
 * Refuses a line that would be one too many (CON-6), and any while the server goes down (CON-7).
 *
 * @throws ProtocolError `rate_limited`, `unavailable`
 */
export function requireCapacity({ realtime, draining }: Lastra, identity: Identity, address: string): void {
  if (draining) throw new ProtocolError('unavailable', 'the server is restarting', { retryAfterMs: RETRY_AFTER_MS })
  requirePlace(realtime.context, identity.user.id, address)
}

/**
 * Lets a user into the rooms a line asks for, before it opens: a refusal is then a plain status, and no stream that
 * ends at once and is opened again for ever.
 *
 * @throws ProtocolError as {@link requireCapacity} and joining do
 */
export async function admitLine(lastra: Lastra, identity: Identity, address: string, { rooms }: LineRequest): Promise<void> {
  takeTurn(lastra.realtime.context, { address })
  takeTurn(lastra.realtime.context, { userId: identity.user.id })
  requireCapacity(lastra, identity, address)
  for (const room of rooms) await lastra.rooms.admit(identity.orgId, room, identity.user, address)
}

/**
 * Makes a transport a connection of the hub, and joins the rooms it was opened for. Lines that were asked for at the same moment may
 * have taken the last place since {@link admitLine}: nothing is begun then.
 *
 * @param begin makes the transport, and with it begins the answer
 * @throws ProtocolError as {@link requireCapacity} does
 */
export function openLine(lastra: Lastra, identity: Identity, address: string, begin: () => PostedTransport, { rooms, fromSeq, peerKey: key }: LineRequest): Connection {
  requireCapacity(lastra, identity, address)
  const { realtime } = lastra
  const connection = realtime.open({ transport: begin(), address, identity, peerKey: key, fromSeq })
  for (const room of rooms) realtime.receive(connection, JSON.stringify({ type: 'join', room, from_seq: fromSeq }))
  return connection
}
