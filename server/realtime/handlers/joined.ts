import { ProtocolError } from '#shared/protocol/errors'
import { moderates, permissionsOf } from '../../rooms/permissions'
import type { Permission } from '../../rooms/permissions'
import type { JoinedRoom } from '../connection'
import type { Sender } from '../context'

/** The room a frame is about, if the sender has joined it. @throws ProtocolError `forbidden` */
export function joinedRoom({ connection }: Sender, name: string): JoinedRoom {
  const joined = connection.rooms.get(name)
  if (!joined) throw new ProtocolError('forbidden', 'room: join it first')
  return joined
}

/** As {@link joinedRoom}, if the sender may also do this there. @throws ProtocolError `forbidden` */
export function permittedRoom(sender: Sender, name: string, permission: Permission): JoinedRoom {
  const joined = joinedRoom(sender, name)
  if (may(sender, joined, permission)) return joined
  throw new ProtocolError('forbidden', permission === 'chat' ? 'room: you are muted here' : 'room: only its moderators may do this')
}

/** Whether the sender may do something in a joined room. */
export function may({ user }: Sender, { room, membership }: JoinedRoom, permission: Permission): boolean {
  return permissionsOf(user, membership, room).includes(permission)
}

/** Whether the sender moderates a joined room. */
export function isModerator({ user }: Sender, { membership }: JoinedRoom): boolean {
  return moderates(user, membership)
}
