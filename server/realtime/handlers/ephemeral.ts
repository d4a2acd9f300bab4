import { ProtocolError } from '#shared/protocol/errors'
import type { Handler, RealtimeContext } from '../context'
import type { PresenceChange } from '../presence'
import type { Typist } from '../typing'
import { joinedRoom } from './joined'

/** When to come back with a signal for one who has not taken the last ones. */
const SIGNAL_RETRY_MS = 1000

/** `typing`: told to the others, and forgotten by itself (TYP-1). */
export const typing: Handler<'typing'> = (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const { id: userId, name: userName } = sender.user
  if (!frame.active) {
    endTyping(context, room.id, userId)
    return {}
  }
  const typist = { roomId: room.id, room: room.name, userId, userName }
  context.typing.start(typist, context.now())
  announceTyping(context, typist, true)
  return {}
}

/** `presence`: the user's status, in every room of this connection. */
export const setStatus: Handler<'presence'> = (context, { connection, user }, frame) => {
  for (const { room } of connection.rooms.values()) {
    announcePresence(context, room.name, context.presence.setStatus(room.id, user.id, frame.status))
  }
  return {}
}

/** `webrtc-signal`: to exactly one peer of the room, in order (RTC-1). */
export const signal: Handler<'webrtc-signal'> = async ({ bus, calls }, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  // Who has no place is not in the call, and those who are hear nothing of them (RTC-5).
  if (calls.holds(room.id, sender.peerId) !== calls.holds(room.id, frame.to)) throw new ProtocolError('peer_gone', 'to: one of you is not in the call')
  const reached = await bus.signal({
    roomId: room.id,
    peerId: frame.to,
    from: sender.user.id,
    frame: { type: 'webrtc-signal', room: room.name, from: sender.peerId, signal: frame.signal },
  })
  if (reached === 'gone') throw new ProtocolError('peer_gone', 'to: this peer is not in the room')
  if (reached === 'busy') throw new ProtocolError('rate_limited', 'to: has not taken what you sent before', { retryAfterMs: SIGNAL_RETRY_MS })
  return {}
}

/** Ends someone's typing and tells the others, if they were. */
export function endTyping(context: RealtimeContext, roomId: string, userId: string): void {
  const typist = context.typing.stop(roomId, userId)
  if (typist) announceTyping(context, typist, false)
}

/** Tells the others of a room whether someone types. @param onlyHere other nodes tell theirs */
export function announceTyping({ bus, hub }: RealtimeContext, { roomId, room, userId, userName }: Typist, active: boolean, onlyHere = false): void {
  const audience = { to: 'room' as const, roomId, exceptUser: userId }
  const told = { frame: { type: 'typing' as const, room, userId, userName, active }, conflateKey: `typing\n${roomId}\n${userId}` }
  if (onlyHere) hub.deliver(audience, told)
  else bus.publish({ audience, ...told })
}

/** Tells those of a room who listen here who came, changed or went; other nodes tell theirs, when they hear of it. Nothing to tell is fine. */
export function announcePresence({ hub }: RealtimeContext, room: string, change: PresenceChange | undefined, exceptConnection?: string): void {
  if (!change) return
  const { roomId, event, member } = change
  hub.deliver({ to: 'room', roomId, exceptConnection }, {
    frame: { type: 'presence', room, event, member },
    conflateKey: `presence\n${roomId}\n${member.userId}`,
  })
}
