import type { IncomingMessage } from 'node:http'
import { addressOf, isOriginAllowed, tokenOf } from '../../auth/requests'
import type { Lastra } from '../../lastra'
import type { SocketContext } from './websocket-session'
import { peerKey } from '#shared/protocol/fields'

const PATH = '/api/chat.ws'
const RETRY_AFTER_S = 10

/**
 * Decides whether a request may become a WebSocket (CON-1, CON-6), and finds out who it is from (CON-2).
 *
 * @throws Response with the status that says why not; crossws lets a thrown one through, a returned one can be overridden
 */
export async function upgradeContext(request: IncomingMessage, { realtime, config, identities, draining }: Lastra): Promise<Omit<SocketContext, 'accepted'>> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname !== PATH) throw refusal(404, 'no WebSocket here')
  if (draining) throw refusal(503, 'the server is restarting')
  if (!isOriginAllowed(request.headers, config)) throw refusal(403, 'this origin may not connect')
  const { registry, limits } = realtime.context
  const address = addressOf(request.headers, request.socket.remoteAddress, config.trustProxy)
  if (registry.fromAddress(address) >= limits.connectionsPerAddress) throw refusal(429, 'too many connections from this address')
  const key = peerKey.optional().safeParse(url.searchParams.get('peer_key') ?? undefined)
  if (!key.success) throw refusal(400, `peer_key: ${key.error.issues[0]?.message ?? 'is not valid'}`)
  const token = tokenOf(request.headers)
  const identity = token === undefined ? undefined : await identities.verify(token)
  if (identity && registry.ofUser(identity.user.id).size >= limits.connectionsPerUser) throw refusal(429, 'too many connections of this user')
  return { realtime, address, identity, peerKey: key.data }
}

function refusal(status: number, message: string): Response {
  return new Response(message, { status, headers: { 'content-length': String(Buffer.byteLength(message)), 'connection': 'close', ...(status === 429 && { 'retry-after': String(RETRY_AFTER_S) }) } })
}
