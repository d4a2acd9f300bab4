import { CLOSE } from '#shared/protocol/limits'
import type { BusMessage, Control, PeerMessage, Reached, Receivers } from './bus'
import type { Connection } from './connection'
import type { RealtimeContext } from './context'
import { evictAll } from './evict'
import { OutgoingFrame } from './outgoing'

/**
 * What this node does with what comes over the bus: hands frames and signals to the connections here that they are for, and does what
 * control says to them.
 */
export function receiversOf(context: RealtimeContext, close: (connection: Connection, code: number, reason: string) => void): Pick<Receivers, 'frame' | 'signal' | 'control'> {
  const { hub, registry } = context

  function frame({ audience, ...message }: BusMessage): void {
    if (audience.to === 'room') return hub.deliver(audience, message)
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
    const joined = name === undefined ? undefined : target?.rooms.get(name)
    return target && joined ? hub.signal(target, joined, new OutgoingFrame(sent), from) : 'gone'
  }

  function control(what: Control): void {
    if (what.type === 'evict') evictAll(context, what.roomId)
    if (what.type === 'sign-out') signOut(what.sid)
  }

  /** Closes every connection of a sign-in that was ended, and no other of its person. */
  function signOut(sid: string): void {
    for (const connection of [...registry.all()]) {
      if (connection.state.phase === 'established' && connection.state.sid === sid) close(connection, CLOSE.unauthorized, 'signed out')
    }
  }

  return { frame, signal, control }
}
