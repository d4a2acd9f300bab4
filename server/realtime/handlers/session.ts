import { ProtocolError } from '#shared/protocol/errors'
import type { ClientFrameOf } from '#shared/protocol/frames'
import type { Connection } from '../connection'
import type { Handler, RealtimeContext } from '../context'

/** `auth` as the first frame: a token, or a guest's name (CON-2). */
export async function authenticate(context: RealtimeContext, connection: Connection, frame: ClientFrameOf<'auth'>): Promise<void> {
  const { identity, token } = await identify(context, connection, frame)
  context.establish(connection, identity, { peerKey: frame.peer_key, token, ref: frame.id })
}

/** `auth` on an established connection: a fresh token of the same user extends it (CON-9). */
export const reauthenticate: Handler<'auth'> = async ({ identities }, { connection, user }, frame) => {
  if (frame.token === undefined) throw new ProtocolError('conflict', 'userName: this connection already has an identity')
  const identity = await identities.verify(frame.token)
  if (!identity) throw new ProtocolError('unauthorized', 'token: is not valid')
  if (identity.user.id !== user.id) throw new ProtocolError('conflict', 'token: belongs to another user')
  if (connection.state.phase === 'established') Object.assign(connection.state, { sid: identity.sid, expiresAt: identity.expiresAt })
  return {}
}

/** `ping` → `pong` (CON-4). */
export const ping: Handler<'ping'> = (_context, { connection }, frame) => {
  connection.ack(frame.id)
  connection.send({ type: 'pong', ...(frame.t !== undefined && { t: frame.t }) })
  return 'acked'
}

async function identify({ identities }: RealtimeContext, connection: Connection, frame: ClientFrameOf<'auth'>) {
  if (frame.token !== undefined) {
    const identity = await identities.verify(frame.token)
    if (!identity) throw new ProtocolError('unauthorized', 'token: is not valid')
    return { identity, token: undefined }
  }
  if (frame.userName === undefined) throw new ProtocolError('bad_frame', 'token: is required, or userName')
  return identities.createGuest(frame.userName, connection.address)
}
