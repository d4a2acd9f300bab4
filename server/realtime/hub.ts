import { CLOSE } from '#shared/protocol/limits'
import { allows } from '../rooms/access'
import type { Membership, Room } from '../rooms/types'
import type { Audience, BusMessage, Reached } from './bus'
import type { Connection, JoinedRoom } from './connection'
import { OutgoingFrame } from './outgoing'

/** Live frames a joining connection may have waiting; a join that takes longer than this many is given up. */
const MAX_JOIN_BUFFER = 4096

/** Of these, beyond which no signal is taken: its sender can wait, who joins cannot. */
const MAX_JOIN_SIGNALS = 64

type RoomAudience = Audience & { to: 'room' }

interface HubRoom {
  readonly room: Room
  readonly listeners: Map<Connection, JoinedRoom>
}

/** Who listens to which room, and the way a frame takes to them. It never waits for anyone (invariant 4). */
export class Hub {
  private readonly rooms = new Map<string, HubRoom>()

  constructor(private readonly close: (connection: Connection, code: number, reason: string) => void) {}

  /**
   * Adds a listener that is still catching up: what goes live from now on waits in its buffer (RES-1).
   * Where others listen already, their room object is the one that counts.
   */
  attach(connection: Connection, room: Room, membership: Membership): JoinedRoom {
    const hubRoom = this.rooms.get(room.id) ?? { room, listeners: new Map<Connection, JoinedRoom>() }
    const joined: JoinedRoom = { room: hubRoom.room, membership, buffer: [] }
    hubRoom.listeners.set(connection, joined)
    this.rooms.set(room.id, hubRoom)
    connection.rooms.set(room.name, joined)
    return joined
  }

  /** Removes a listener. */
  detach(connection: Connection, room: Room): void {
    connection.rooms.delete(room.name)
    const hubRoom = this.rooms.get(room.id)
    if (hubRoom?.listeners.delete(connection) && hubRoom.listeners.size === 0) this.rooms.delete(room.id)
  }

  /** The room object in use, where anyone listens to it. */
  room(roomId: string): Room | undefined {
    return this.rooms.get(roomId)?.room
  }

  /** Everyone who listens to a room. */
  listeners(roomId: string): Iterable<[Connection, JoinedRoom]> {
    return this.rooms.get(roomId)?.listeners ?? []
  }

  /** Hands a frame to those of a room's listeners it is for, encoding it once. */
  deliver(audience: RoomAudience, { frame: sent, conflateKey }: Omit<BusMessage, 'audience'>): void {
    const listeners = this.rooms.get(audience.roomId)?.listeners
    if (!listeners) return
    const frame = new OutgoingFrame(sent, conflateKey)
    const seq = 'seq' in sent ? sent.seq : undefined
    for (const [connection, joined] of listeners) {
      if (seq !== undefined && joined.readUpTo !== undefined && seq <= joined.readUpTo) continue
      if (isExcepted(connection, audience) || (audience.moderators && !isModerating(connection, joined))) continue
      this.deliverTo(connection, joined, frame)
    }
  }

  /** Hands a signal to one listener, as far as there is room for more of its sender's. */
  signal(connection: Connection, joined: JoinedRoom, frame: OutgoingFrame, from: string): Reached {
    if (!joined.buffer) return connection.outbox.pushSignal(frame, from) ? 'reached' : 'busy'
    if (joined.buffer.length >= MAX_JOIN_SIGNALS) return 'busy'
    joined.buffer.push(frame)
    return 'reached'
  }

  /** Hands a frame to one listener, or keeps it until that one has caught up. */
  deliverTo(connection: Connection, joined: JoinedRoom, frame: OutgoingFrame): void {
    if (!joined.buffer) return connection.sendEncoded(frame)
    // Presence and typing are not kept for a joiner: the snapshot it is about to get is newer.
    if (frame.conflateKey !== undefined) return
    if (joined.buffer.length < MAX_JOIN_BUFFER) joined.buffer.push(frame)
    else this.close(connection, CLOSE.timeout, 'could not catch up')
  }
}

function isModerating({ state }: Connection, { room, membership }: JoinedRoom): boolean {
  return state.phase === 'established' && allows({ role: state.user.role, membership }, room, 'moderate')
}

function isExcepted(connection: Connection, { exceptConnection, exceptUser }: RoomAudience): boolean {
  if (exceptConnection === connection.id) return true
  return exceptUser !== undefined && connection.userId === exceptUser
}
