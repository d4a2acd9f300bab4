import { ProtocolError } from '#shared/protocol/errors'
import { rankOf } from '../../rooms/access'
import type { Handler, RealtimeContext, Sender } from '../context'
import type { MediaControl } from '../presence'
import { announcePresence } from './ephemeral'
import { joinedRoom } from './joined'

/** `media-state`: takes or gives up the peer's place in the call, is kept for the peer, and told to the room (RTC-2, RTC-5). */
export const setMediaState: Handler<'media-state'> = (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const { in_call, mic, cam, screen, hand } = frame
  const { user, peerId, connection } = sender
  const place = in_call ? context.calls.take(room.id, user, peerId, frame.enter === true) : undefined
  if (!in_call) context.calls.free(room.id, peerId, context.now())
  announcePresence(context, room.name, context.presence.setMedia(room.id, user.id, peerId, { in_call, mic, cam, screen, hand }, connection.id))
  return { room: room.name, ...(place !== undefined && { place }) }
}

/** `media-control`: a moderator switches a microphone off or lowers a hand, and can do neither's opposite (RTC-6). */
export const controlMedia: Handler<'media-control'> = async (context, sender, frame) => {
  const { mic, hand } = frame
  if (mic === undefined && hand === undefined) throw new ProtocolError('bad_frame', 'mic: is required, or hand')
  const { room, membership } = joinedRoom(sender, frame.room)
  const target = context.presence.standing(room.id, frame.userId)
  if (!target) throw new ProtocolError('not_found', 'userId: is not in this room')
  if (rankOf(target.user.role, target) > rankOf(sender.user.role, membership)) throw new ProtocolError('forbidden', 'userId: stands above you here')
  const off = { by: sender.user, ...(mic === false && { mic }), ...(hand === false && { hand }) }
  const { peers, change } = context.presence.switchOff(room.id, frame.userId, frame.peer_id, off)
  if (peers.size === 0) throw new ProtocolError('not_found', 'userId: is not in the call')
  for (const [peerId, control] of peers) {
    for (const { id } of context.registry.ofPeer(peerId)) control.told.add(id)
    await context.bus.signal({ roomId: room.id, peerId, from: sender.user.id, frame: controlFrame(room.name, control) })
  }
  announcePresence(context, room.name, change)
  return { room: room.name }
}

/** Tells a peer that is back what was switched off while it was away (RTC-6). */
export function remindOfControl(context: RealtimeContext, { connection, user, peerId }: Sender, room: { id: string, name: string }): void {
  const control = context.presence.control(room.id, user.id, peerId)
  if (!control) return
  control.told.add(connection.id)
  connection.send(controlFrame(room.name, control))
}

function controlFrame(room: string, { by, mic, hand }: MediaControl) {
  return { type: 'media.control' as const, room, userId: by.id, userName: by.name, ...(mic === false && { mic }), ...(hand === false && { hand }) }
}
