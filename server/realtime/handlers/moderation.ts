import { ProtocolError } from '#shared/protocol/errors'
import type { Handler } from '../context'
import { joinedRoom } from './joined'
import { toAck } from './messages'
import { requireMayChange } from '../../rooms/access'

/** `room-update`: title, lock and listing, by moderators. Each is an entry of the log. */
export const updateRoom: Handler<'room-update'> = async (context, sender, frame) => {
  const { title, locked, listed } = frame
  if (title === undefined && locked === undefined && listed === undefined) throw new ProtocolError('bad_frame', 'title: is required, or locked or listed')
  const { room } = joinedRoom(sender, frame.room)
  return toAck(frame.room, await context.log.append(room.id, { type: 'room', userId: sender.user.id, userName: sender.user.name, title, locked, listed }))
}

/** `member-update`: role, muting and removal of one member, by moderators of those who do not stand above them. */
export const updateMember: Handler<'member-update'> = async (context, sender, frame) => {
  const { role, muted, removed } = frame
  if (role === undefined && muted === undefined && removed === undefined) throw new ProtocolError('bad_frame', 'role: is required, or muted or removed')
  const { room, membership } = joinedRoom(sender, frame.room)
  if (frame.userId === sender.user.id) throw new ProtocolError('conflict', 'userId: you cannot change your own standing')
  const target = await context.rooms.membership(room.id, frame.userId)
  if (!target) throw new ProtocolError('not_found', 'userId: is not a member of this room')
  requireMayChange({ role: sender.user.role, membership }, target, { role, muted, removed })
  const member = { userId: frame.userId, name: target.name, role, muted, removed }
  return toAck(frame.room, await context.log.append(room.id, { type: 'room', userId: sender.user.id, userName: sender.user.name, member }))
}
