import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { BusMessage, Control, PeerMessage, Reached, Receivers } from './bus'
import type { Connection } from './connection'
import type { RealtimeContext } from './context'
import { evictAll } from './evict'
import { switchOff } from './handlers/call'
import { hearFact } from './hear-fact'
import { OutgoingFrame } from './outgoing'

/**
 * What this node does with what comes over the bus: hands frames and signals to the connections here that they are for, and does what
 * control says to them.
 */
export function receiversOf(context: RealtimeContext, close: (connection: Connection, code: number, reason: string) => void): Pick<Receivers, 'frame' | 'signal' | 'control' | 'fact'> {
  const { hub, registry } = context

  function frame({ audience, ...message }: BusMessage): void {
    if (audience.to === 'room') {
      note(audience.roomId, message.frame)
      return hub.deliver(audience, message)
    }
    const encoded = new OutgoingFrame(message.frame, message.conflateKey)
    for (const connection of audience.to === 'user' ? registry.ofUser(audience.userId) : registry.all()) {
      if (connection.state.phase !== 'established') continue
      if (audience.to === 'organisation' && connection.state.orgId !== audience.orgId) continue
      if (audience.to === 'user' && audience.outside !== undefined && connection.rooms.has(audience.outside)) continue
      connection.sendEncoded(encoded)
    }
  }

  function signal({ roomId, peerId, from, frame: sent }: PeerMessage): Reached {
    const name = hub.room(roomId)?.name
    const target = registry.ofPeer(peerId).findLast(connection => name !== undefined && connection.rooms.get(name)?.room.id === roomId)
    // Its newer connection, on another node, is the one to hear of it.
    if (target?.userId !== undefined && context.presence.isElsewhere(roomId, target.userId, peerId)) return 'gone'
    const joined = name === undefined ? undefined : target?.rooms.get(name)
    return target && joined ? hub.signal(target, joined, new OutgoingFrame(sent), from) : 'gone'
  }

  function control(what: Control): void {
    if (what.type === 'evict') evictAll(context, what.roomId)
    if (what.type === 'sign-out') signOut(what.sid)
    if (what.type === 'switch-off') switchOff(context, what)
    if (what.type === 'replaced') replaced(what)
    if (what.type === 'knock-over') {
      context.knocks.take(what.roomId, what.userId)
      if (what.turnedAway) context.knocks.notAgain(what.roomId, what.userId, context.now())
    }
  }

  /** The connections here of a peer that has a newer one on another node (CON-8). */
  function replaced({ peerId, by, gone }: Control & { type: 'replaced' }): void {
    const older = registry.ofPeer(peerId)
    if (older.some(({ id }) => id === by)) return
    for (const connection of older) {
      if (!gone) {
        connection.replacedAt ??= context.now() + LIMITS.replacedAfterMs
        connection.replacedBy = by
      } else if (connection.replacedBy === by) {
        connection.replacedAt = undefined
        connection.replacedBy = undefined
      }
    }
  }

  /** What another node says of typing, or of a call that has begun or ended, is so here (TYP-1, RTC-7). */
  function note(roomId: string, told: BusMessage['frame']): void {
    if (told.type === 'typing') context.typing.hear({ roomId, ...told }, told.active, context.now())
    const room = told.type === 'room.line' ? hub.room(roomId) : undefined
    if (told.type !== 'room.line' || !room) return
    context.systemLines.happened(roomId)
    if (told.line.kind === 'call-started') room.callSince = told.line.timestamp
    if (told.line.kind === 'call-ended') room.callSince = undefined
  }

  /** Closes every connection of a sign-in that was ended, and no other of its person. */
  function signOut(sid: string): void {
    for (const connection of [...registry.all()]) {
      if (connection.state.phase === 'established' && connection.state.sid === sid) close(connection, CLOSE.unauthorized, 'signed out')
    }
  }

  return { frame, signal, control, fact: (node, fact, died) => hearFact(context, node, fact, died) }
}
