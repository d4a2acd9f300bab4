import type { ErrorCode, ProtocolError } from '#shared/protocol/errors'
import type { ServerFrame, ServerFrameOf, User } from '#shared/protocol/frames'
import type { Membership, Room } from '../rooms/types'
import type { Identity } from '../auth/types'
import type { Allowance } from './admission'
import { OutgoingFrame } from './outgoing'
import { Outbox } from './outbox'
import type { Transport } from './outbox'
import type { Receiver } from './unsent'

/** What answers a client frame (FRM-3). */
export type Reply = ServerFrameOf<'ack'> | ServerFrameOf<'error'>

/** A room this connection has joined. While it catches up, live log entries wait in `buffer` (RES-1). */
export interface JoinedRoom {
  readonly room: Room
  membership: Membership
  /** How far the log was that its join has read: what is told live up to there it has. */
  readUpTo?: number
  buffer?: OutgoingFrame[]
}

/** Where a connection stands. What only an established one has cannot be read before. */
export type ConnectionState
  = | { phase: 'waiting', since: number, peerKey?: string }
    | { phase: 'established', user: User, orgId: string, peerId: string, sid: string, expiresAt: number }
    | { phase: 'closed' }

export interface ConnectionOptions {
  id: string
  transport: Transport
  address: string
  now: number
  allowance: Allowance
  peerKey?: string
  schedule: (outbox: Outbox) => void
  /** Closes it, so that others have room. */
  giveUp: (connection: Connection) => void
}

/** One client's line to the hub, whatever carries it. */
export class Connection implements Receiver {
  readonly id: string
  readonly transport: Transport
  readonly address: string
  readonly outbox: Outbox
  /** What it may still send. */
  readonly allowance: Allowance
  readonly rooms = new Map<string, JoinedRoom>()
  state: ConnectionState
  /** When the client was last heard, in milliseconds of the hub's clock. */
  heardAt: number
  badFrames = 0
  /** When a newer connection of the same peer closes this one (CON-8). */
  replacedAt?: number
  /** Whether those of other nodes were told that it is newer. */
  hasReplaced?: boolean
  /** Which one that is, where it is on another node. */
  replacedBy?: string
  /** The end of the chain of frames being handled: they are answered one after the other (FRM-6). */
  tail: Promise<void> = Promise.resolve()
  /** When the next frame may begin, if it goes into a log. */
  begun: Promise<unknown> = this.tail
  pending = 0
  /** Frames that wait for a turn of the event loop, and whose share of it they use: one line, so that they stay in order. */
  inLane = 0
  lane = ''
  /** Where the replies to the frame being handled go, when it came by a request of its own (SSE-3). */
  replies?: Reply[]
  readonly giveUp: () => void

  constructor(options: ConnectionOptions) {
    this.id = options.id
    this.transport = options.transport
    this.address = options.address
    this.allowance = options.allowance
    this.heardAt = options.now
    this.state = { phase: 'waiting', since: options.now, peerKey: options.peerKey }
    this.outbox = new Outbox(options.transport, options.schedule)
    this.giveUp = () => options.giveUp(this)
  }

  get userId(): string | undefined {
    return this.state.phase === 'established' ? this.state.user.id : undefined
  }

  get ended(): boolean {
    return this.state.phase === 'closed'
  }

  get unsentBytes(): number {
    return this.outbox.unsentBytes
  }

  /** Encodes and queues a frame for this connection alone. */
  send(frame: ServerFrame): void {
    this.sendEncoded(new OutgoingFrame(frame))
  }

  /** Queues an encoded frame. Does nothing once closed. */
  sendEncoded(frame: OutgoingFrame): void {
    if (this.state.phase !== 'closed') this.outbox.push(frame)
  }

  /** Sends what the client asked for, however long it is. */
  sendReply(frames: readonly ServerFrame[]): void {
    if (this.state.phase !== 'closed') this.outbox.pushReply(frames.map(frame => new OutgoingFrame(frame)))
  }

  /** Answers a frame that carried an `id` (FRM-3). */
  ack(ref: string | undefined, result: Omit<ServerFrameOf<'ack'>, 'type' | 'ref'> = {}): void {
    if (ref !== undefined) this.reply({ type: 'ack', ref, ...result })
  }

  /** Answers a frame with an `error` (FRM-4). */
  fail(error: ProtocolError, about: { ref?: string, room?: string } = {}): void {
    this.reply(errorFrame(error, about))
  }

  private reply(frame: Reply): void {
    if (this.replies) this.replies.push(frame)
    else this.send(frame)
  }
}

/** An established connection's identity, or undefined before that. */
export function identityOf(connection: Connection): (Identity & { peerId: string }) | undefined {
  return connection.state.phase === 'established' ? connection.state : undefined
}

/** The `error` frame that says what a {@link ProtocolError} says. */
export function errorFrame(error: ProtocolError, about: { ref?: string, room?: string } = {}): ServerFrameOf<'error'> {
  const code: ErrorCode = error.code
  return {
    type: 'error',
    ...(about.ref !== undefined && { ref: about.ref }),
    ...(about.room !== undefined && { room: about.room }),
    code,
    message: error.message,
    retryable: error.retryable,
    ...(error.retryAfterMs !== undefined && { retry_after_ms: error.retryAfterMs }),
    ...(error.reason !== undefined && { reason: error.reason }),
  }
}
