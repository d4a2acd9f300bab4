import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { isHostAllowed } from '../../auth/hosts'
import { addressOf, isOriginAllowed, tokenOf } from '../../auth/requests'
import type { Lastra } from '../../lastra'
import { requirePlace, takeTurn } from '../places'
import type { SocketContext } from './websocket-session'
import { ProtocolError } from '#shared/protocol/errors'
import { peerKey } from '#shared/protocol/fields'

const PATH = '/api/chat.ws'

/**
 * Decides whether a request may become a WebSocket (CON-1, CON-6), and finds out who it is from (CON-2).
 *
 * @throws Response with the status that says why not; crossws lets a thrown one through, a returned one can be overridden
 */
export async function upgradeContext(request: IncomingMessage, { realtime, config, identities, draining }: Lastra): Promise<Omit<SocketContext, 'accepted'>> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname !== PATH) throw refusal(404, 'no WebSocket here')
  if (draining) throw refusal(503, 'the server is restarting')
  if (!isHostAllowed({ headers: request.headers, localAddress: request.socket.localAddress }, config)) throw refusal(421, 'this server does not answer to that name')
  if (!isOriginAllowed(request.headers, { ...config, encrypted: (request.socket as Partial<TLSSocket>).encrypted })) throw refusal(403, 'this origin may not connect')
  const address = addressOf(request.headers, request.socket.remoteAddress, config.trustProxy)
  asked(() => takeTurn(realtime.context, { address }))
  const key = peerKey.optional().safeParse(url.searchParams.get('peer_key') ?? undefined)
  if (!key.success) throw refusal(400, `peer_key: ${key.error.issues[0]?.message ?? 'is not valid'}`)
  const token = tokenOf(request.headers)
  const identity = token === undefined ? undefined : await identities.verify(token)
  asked(() => requirePlace(realtime.context, identity?.user.id, address))
  if (identity) asked(() => takeTurn(realtime.context, { userId: identity.user.id }))
  return { realtime, address, identity, peerKey: key.data }
}

/** Asks for a place, and refuses as HTTP does. */
function asked(ask: () => void): void {
  try {
    ask()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw refusal(429, error.message, error.retryAfterMs)
  }
}

function refusal(status: number, message: string, retryAfterMs = 0): Response {
  const retryAfter = retryAfterMs > 0 && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
  return new Response(message, { status, headers: { 'content-length': String(Buffer.byteLength(message)), 'connection': 'close', ...retryAfter } })
}
