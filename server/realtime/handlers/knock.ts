import { ProtocolError } from '#shared/protocol/errors'
import type { ServerFrame } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import { allows } from '../../rooms/access'
import type { Handler, RealtimeContext } from '../context'
import type { Knock } from '../knocks'
import { joinedRoom } from './joined'

/** `knock`: asks the moderators of a locked room to be let in (ACC-5). Knocking again while one waits changes nothing. */
export const knock: Handler<'knock'> = async (context, { user, orgId }, frame) => {
  const found = await context.rooms.seek(orgId, frame.room, user)
  if (!found) throw new ProtocolError('not_found', 'room: does not exist')
  const { room, asker } = found
  if (asker.membership?.removed) throw new ProtocolError('forbidden', 'room: you were removed from it', { reason: 'removed' })
  if (allows(asker, room, 'join')) throw new ProtocolError('conflict', 'room: is open to you, join it')
  const knocking: Knock = { roomId: room.id, room: room.name, userId: user.id, userName: user.name }
  const knocked = context.knocks.add(knocking, context.now())
  if (knocked === 'full') throw new ProtocolError('rate_limited', 'room: too many people knock already', { retryAfterMs: LIMITS.knockAgainMs })
  if (typeof knocked === 'object') throw new ProtocolError('rate_limited', 'room: you were turned away', { retryAfterMs: Math.ceil(knocked.waitMs) })
  if (knocked === 'new') tellModerators(context, knocking.roomId, { type: 'knock', room: room.name, userId: user.id, userName: user.name })
  return { room: room.name }
}

/** `knock-answer`: a moderator lets somebody in, or turns them away. Letting in is an entry of the log. */
export const answerKnock: Handler<'knock-answer'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const answered = frame.admit
    ? context.knocks.take(room.id, frame.userId)
    : context.knocks.turnAway(room.id, frame.userId, context.now())
  if (!answered) throw new ProtocolError('not_found', 'userId: does not knock any more')
  knockOver(context, answered, !frame.admit)
  if (frame.admit) {
    await context.rooms.letIn(room.id, frame.userId)
    const member = { userId: answered.userId, name: answered.userName, removed: false }
    // Committed, it also tells the one outside.
    await context.log.append(room.id, { type: 'room', userId: sender.user.id, userName: sender.user.name, member })
  } else {
    tellOutside(context, room.name, frame.userId, false)
  }
  knockEnded(context, answered, frame.admit)
  return { room: frame.room }
}

/** The door is open: everybody who knocked may come in. */
export function openDoor(context: RealtimeContext, roomId: string): void {
  for (const { room, userId } of context.knocks.at(roomId)) {
    tellOutside(context, room, userId, true)
    endKnock(context, roomId, userId)
  }
}

/** Somebody who knocked came in, or went away. */
export function endKnock(context: RealtimeContext, roomId: string, userId: string, admitted = true): void {
  const knock = context.knocks.take(roomId, userId)
  if (!knock) return
  knockOver(context, knock)
  knockEnded(context, knock, admitted)
}

/** Has every node forget a knock. */
function knockOver({ bus }: RealtimeContext, { roomId, userId }: Knock, turnedAway = false): void {
  if (bus.hasOthers) bus.control({ type: 'knock-over', roomId, userId, ...(turnedAway && { turnedAway }) })
}

/** Tells the moderators that a knock is answered, or was taken back. */
export function knockEnded(context: RealtimeContext, { roomId, room, userId, isOrphan }: Knock & { isOrphan?: boolean }, admitted: boolean): void {
  const frame = { type: 'knock.answered' as const, room, userId, admitted }
  if (isOrphan) context.hub.deliver({ to: 'room', roomId, moderators: true }, { frame })
  else tellModerators(context, roomId, frame)
}

/** Tells somebody who is not in a room that they may come in, or may not. */
export function tellOutside({ bus }: RealtimeContext, room: string, userId: string, admitted: boolean): void {
  bus.publish({ audience: { to: 'user', userId, outside: room }, frame: { type: 'knock.answered', room, admitted } })
}

function tellModerators({ bus }: RealtimeContext, roomId: string, frame: ServerFrame): void {
  bus.publish({ audience: { to: 'room', roomId, moderators: true }, frame })
}
