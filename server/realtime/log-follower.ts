import { ProtocolError } from '#shared/protocol/errors'
import type { Entry, ServerFrameOf } from '#shared/protocol/frames'
import { errorFrame } from './connection'
import type { RealtimeContext } from './context'
import { announcePresence } from './handlers/ephemeral'
import { openDoor, tellOutside } from './handlers/knock'
import { RoomOrder } from './room-order'

/**
 * Sends every committed entry to those who listen to its room here, and lets the running server follow what entries say about room and
 * members. What is committed here is told to the other nodes, and what they commit is followed in the same way.
 */
export function followLog(context: RealtimeContext): void {
  const { log, bus, order } = context
  bus.subscribe({
    committed: (roomId, entries) => log.follow(roomId, entries),
    heads: () => order.heads(),
    head: (roomId, head) => order.noteHead(roomId, head),
    back() {
      log.forget()
      order.compare().catch((error: unknown) => context.onError(error, 'following rooms'))
    },
  })
  log.onCommitted((roomId, entries, origin) => {
    // Others need not wait until it is its turn here.
    if (origin === 'here') bus.committed(roomId, entries)
    order.offer(roomId, entries, origin)
  })
}

/** The order in which entries are sent to those who listen here. */
export function createRoomOrder(context: () => RealtimeContext, { log, bus, onError }: Pick<RealtimeContext, 'log' | 'bus' | 'onError'>): RoomOrder {
  return new RoomOrder({ log, hasOthers: bus.hasOthers, onError, deliver: (roomId, entries, origin) => deliver(context(), roomId, entries, origin) })
}

function deliver(context: RealtimeContext, roomId: string, entries: readonly Entry[], origin: 'here' | 'elsewhere'): void {
  const { hub } = context
  for (const frame of entries) {
    hub.deliver({ to: 'room', roomId }, { frame })
    if (frame.type !== 'room.updated') continue
    applyRoomUpdate(context, roomId, frame)
    if (origin === 'elsewhere') continue
    if (frame.locked === false) openDoor(context, roomId)
    // Let back in, or in for the first time: whoever waits at the door is told (ACC-5).
    if (frame.member?.removed === false) tellOutside(context, frame.room, frame.member.userId, true)
  }
}

function applyRoomUpdate(context: RealtimeContext, roomId: string, entry: Entry & { type: 'room.updated' }): void {
  const room = context.hub.room(roomId)
  if (!room) return
  room.title = entry.title ?? room.title
  room.locked = entry.locked ?? room.locked
  room.listed = entry.listed ?? room.listed
  if (entry.member) applyMemberUpdate(context, roomId, room.name, entry.member)
}

function applyMemberUpdate(context: RealtimeContext, roomId: string, roomName: string, change: NonNullable<ServerFrameOf<'room.updated'>['member']>): void {
  for (const [connection, joined] of [...context.hub.listeners(roomId)]) {
    if (connection.state.phase !== 'established' || connection.state.user.id !== change.userId) continue
    joined.membership = {
      role: change.role ?? joined.membership.role,
      muted: change.muted ?? joined.membership.muted,
      removed: change.removed ?? joined.membership.removed,
    }
    if (!joined.membership.removed) continue
    connection.send(errorFrame(new ProtocolError('forbidden', 'room: you were removed from it', { reason: 'removed' }), { room: roomName }))
    context.leave(connection, roomName, 0)
  }
  if (change.removed) {
    // Also those whose connection is cut: nobody goes on seeing them.
    context.calls.freeUser(roomId, change.userId, context.now())
    context.presence.evict(roomId, change.userId)
    context.expirePresence()
    return
  }
  announcePresence(context, roomName, context.presence.setMembership(roomId, change.userId, change))
}
