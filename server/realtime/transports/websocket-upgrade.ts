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

/** Why a request does not become a WebSocket, as HTTP says it. */
export class UpgradeRefusal {
  constructor(readonly status: number, readonly message: string, private readonly retryAfterMs = 0) {}

  get headers(): Record<string, string> {
    return {
      'content-length': String(Buffer.byteLength(this.message)),
      'connection': 'close',
      ...this.retryAfterMs > 0 && { 'retry-after': String(Math.ceil(this.retryAfterMs / 1000)) },
    }
  }
}

/**
 * Decides whether a request may become a WebSocket (CON-1, CON-6), and finds out who it is from (CON-2). What costs least comes first:
 * an address that opens too many at once is refused before anything else is looked at.
 *
 * @throws UpgradeRefusal
 */
export async function upgradeContext(request: IncomingMessage, lastra: Lastra): Promise<Omit<SocketContext, 'accepted'>> {
  const { realtime, config, identities, draining } = lastra
  const { url = '/', headers, socket } = request
  if (!url.startsWith(PATH) || (url.length > PATH.length && url[PATH.length] !== '?')) throw new UpgradeRefusal(404, 'no WebSocket here')
  if (draining) throw new UpgradeRefusal(503, 'the server is restarting')
  const address = addressOf(headers, socket.remoteAddress, config.trustProxy)
  const token = tokenOf(headers)
  const { admission } = realtime.context
  const now = realtime.context.now()
  const wait = Math.max(admission.connect({ address }, now), token === undefined ? admission.banned(undefined, address, now) : 0)
  if (wait > 0) throw new UpgradeRefusal(429, 'too many at once', wait)
  if (!isHostAllowed({ headers, localAddress: socket.localAddress }, config)) throw new UpgradeRefusal(421, 'this server does not answer to that name')
  if (!isOriginAllowed(headers, { ...config, encrypted: (socket as Partial<TLSSocket>).encrypted })) throw new UpgradeRefusal(403, 'this origin may not connect')
  const query = url.indexOf('?')
  const key = peerKey.optional().safeParse(query === -1 ? undefined : new URLSearchParams(url.slice(query)).get('peer_key') ?? undefined)
  if (!key.success) throw new UpgradeRefusal(400, `peer_key: ${key.error.issues[0]?.message ?? 'is not valid'}`)
  const identity = token === undefined ? undefined : await identities.verify(token)
  asRefusal(() => {
    requirePlace(realtime.context, identity?.user.id, address)
    if (identity) takeTurn(realtime.context, { userId: identity.user.id })
  })
  return { realtime, address, identity, peerKey: key.data }
}

/** Looks once more for a place, right before it is taken: others who asked at the same moment may have it by now. @throws UpgradeRefusal */
export function requireSocketPlace({ realtime, identity, address }: Omit<SocketContext, 'accepted'>): void {
  asRefusal(() => requirePlace(realtime.context, identity?.user.id, address))
}

function asRefusal(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new UpgradeRefusal(429, error.message, error.retryAfterMs)
  }
}
