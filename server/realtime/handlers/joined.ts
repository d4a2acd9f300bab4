import { ProtocolError } from '#shared/protocol/errors'
import type { ClientFrameOf, ClientFrameType } from '#shared/protocol/frames'
import { allows, requireAllowed } from '../../rooms/access'
import type { Permission } from '../../rooms/access'
import { FRAMES } from '../../rooms/access-table'
import type { FrameAccess } from '../../rooms/access-table'
import type { JoinedRoom } from '../connection'
import type { Sender } from '../context'

/**
 * Asks for what the table says a frame needs in a room its connection has joined (ACC-3). Called before its handler.
 *
 * @throws ProtocolError `forbidden`, or what the table refuses it with
 */
export function authorise<T extends ClientFrameType>(sender: Sender, frame: ClientFrameOf<T>): void {
  const access = FRAMES[frame.type as T] as FrameAccess<T>
  if (access === 'own' || 'atDoor' in access) return
  const { room: name } = frame as ClientFrameOf<T> & { room: string }
  if (access.refusal && !sender.connection.rooms.has(name)) throw new ProtocolError(access.refusal, 'room: you are not in it')
  const joined = joinedRoom(sender, name)
  const { inRoom } = access
  const asker = { role: sender.user.role, membership: joined.membership }
  for (const permission of typeof inRoom === 'function' ? inRoom(frame) : [inRoom]) requireAllowed(asker, joined.room, permission)
}

/** The room a frame is about, if the sender has joined it. @throws ProtocolError `forbidden` */
export function joinedRoom({ connection }: Sender, name: string): JoinedRoom {
  const joined = connection.rooms.get(name)
  if (!joined) throw new ProtocolError('forbidden', 'room: join it first')
  return joined
}

/** Whether the sender may do something in a joined room. */
export function may({ user }: Sender, { room, membership }: JoinedRoom, permission: Permission): boolean {
  return allows({ role: user.role, membership }, room, permission)
}
