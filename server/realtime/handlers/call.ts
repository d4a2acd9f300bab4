import { ProtocolError } from '#shared/protocol/errors'
import { rankOf } from '../../rooms/access'
import type { Handler, RealtimeContext, Sender } from '../context'
import type { Control } from '../bus'
import type { MediaControl } from '../presence-elsewhere'
import { announcePresence } from './ephemeral'
import { joinedRoom } from './joined'

/** `media-state`: takes or gives up the peer's place in the call, is kept for the peer, and told to the room (RTC-2, RTC-5). */
export const setMediaState: Handler<'media-state'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const { in_call, mic, cam, screen, hand } = frame
  const { user, peerId, connection } = sender
  if (in_call && !context.calls.placeHere(room.id, peerId)) await claimPlace(context, sender, room.id)
  const place = in_call ? context.calls.take(room.id, user, peerId, frame.enter === true) : undefined
  if (!in_call) context.calls.free(room.id, peerId, context.now())
  announcePresence(context, room.name, context.presence.setMedia(room.id, user.id, peerId, { in_call, mic, cam, screen, hand }, connection.id))
  return { room: room.name, ...(place !== undefined && { place }) }
}

/** Of all nodes together one gives the last place. @throws ProtocolError `conflict` */
async function claimPlace({ callPlaces, calls }: RealtimeContext, { connection, user, peerId }: Sender, roomId: string): Promise<void> {
  if (!callPlaces) return
  calls.requirePlace(roomId, peerId, user.id)
  await callPlaces.claim(roomId, peerId, other => calls.holds(roomId, other) && !calls.isLeft(roomId, other, user.id))
  // Gone, or out of the room, while it was asked for.
  if (![...connection.rooms.values()].some(({ room }) => room.id === roomId)) {
    await callPlaces.release(roomId, peerId)
    throw new ProtocolError('forbidden', 'room: join it first')
  }
}

/** `media-control`: a moderator switches a microphone off or lowers a hand, and can do neither's opposite (RTC-6). */
export const controlMedia: Handler<'media-control'> = (context, sender, frame) => {
  const { mic, hand } = frame
  if (mic === undefined && hand === undefined) throw new ProtocolError('bad_frame', 'mic: is required, or hand')
  const { room, membership } = joinedRoom(sender, frame.room)
  const target = context.presence.standing(room.id, frame.userId)
  if (!target) throw new ProtocolError('not_found', 'userId: is not in this room')
  if (rankOf(target.user.role, target) > rankOf(sender.user.role, membership)) throw new ProtocolError('forbidden', 'userId: stands above you here')
  const inCall = context.presence.inCall(room.id, frame.userId)
  if (frame.peer_id === undefined ? inCall.length === 0 : !inCall.includes(frame.peer_id)) throw new ProtocolError('not_found', 'userId: is not in the call')
  // On whichever node they are.
  context.bus.control({
    type: 'switch-off', roomId: room.id, room: room.name, userId: frame.userId, by: sender.user,
    ...(frame.peer_id !== undefined && { peerId: frame.peer_id }), ...(mic === false && { mic }), ...(hand === false && { hand }),
  })
  return { room: room.name }
}

/** Switches off what a moderator wants off, on the peers that are here. */
export function switchOff(context: RealtimeContext, { roomId, room, userId, peerId, by, mic, hand }: Control & { type: 'switch-off' }): void {
  const { peers, change } = context.presence.switchOff(roomId, userId, peerId, { by, ...(mic === false && { mic }), ...(hand === false && { hand }) })
  if (peers.size === 0) return
  for (const [peerId, control] of peers) {
    for (const { id } of context.registry.ofPeer(peerId)) control.told.add(id)
    context.signalHere({ roomId, peerId, from: by.id, frame: controlFrame(room, control) })
  }
  announcePresence(context, room, change)
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
