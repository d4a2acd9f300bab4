import { LIMITS } from '#shared/protocol/limits'
import { KeyedBuckets, TokenBucket } from '../limits/token-bucket'
import type { Rate } from '../limits/token-bucket'
import type { Connection } from './connection'
import type { RealtimeLimits } from './context'

/** Frames that one without an identity may send beside what its address may: its name, and a second try. */
const FIRST: Rate = { perSecond: 0.1, burst: 2 }

/** How often over an address may fill its places at once: a network comes back with everybody in it, and perhaps again. */
const CONNECTS = 16
/** The same for a user: all tabs come back, each by several transports. */
const USER_CONNECTS = 10

/** What one connection may send: each a bucket of its own. */
export interface Allowance {
  readonly frames: TokenBucket
  readonly signals: TokenBucket
  readonly bytes: TokenBucket
  /** The first frames of one that has not said who it is. */
  readonly first: TokenBucket
}

/** Who reads, and from where. */
export interface Reader {
  readonly userId?: string
  readonly address: string
}

/** What becomes of a frame: 0 lets it in, a number says when to come back with it, `flooding` that its sender is to go. */
export type Verdict = number | 'flooding'

/**
 * Decides about a frame by its size alone, before anything is decoded, so that refusing one costs next to nothing (CON-6). Counted are
 * the connection's frames and bytes; with them, what all connections of a user may send, so that a new connection renews nothing; and
 * of those who have not said who they are, what all of their address may. Answers to what was refused have a bound as well: who uses
 * it up floods.
 */
export class Admission {
  private readonly perConnection: { frames: Rate, signals: Rate, bytes: Rate }
  private readonly users: KeyedBuckets
  private readonly nameless: KeyedBuckets
  private readonly posted: KeyedBuckets
  private readonly addressBytes: KeyedBuckets
  private readonly reads: KeyedBuckets
  private readonly addressReads: KeyedBuckets
  private readonly refusals: KeyedBuckets
  private readonly connects: KeyedBuckets
  private readonly userConnects: KeyedBuckets

  constructor({ frames, signals, connectionsPerUser, connectionsPerAddress }: Omit<RealtimeLimits, 'chat'>) {
    const bytes = { perSecond: frames.perSecond * LIMITS.bytesPerFrame, burst: frames.burst * LIMITS.bytesPerFrame + LIMITS.frameBytes }
    this.perConnection = { frames, signals, bytes }
    this.users = new KeyedBuckets(times(frames, Math.min(connectionsPerUser, LIMITS.frameSharesPerUser)))
    // Each needs one frame to say who it is, and may err.
    this.nameless = new KeyedBuckets({ perSecond: Math.max(frames.perSecond, connectionsPerAddress), burst: Math.max(frames.burst, 2 * connectionsPerAddress) })
    this.posted = new KeyedBuckets(bytes)
    this.addressBytes = new KeyedBuckets(times(bytes, LIMITS.byteSharesPerAddress))
    const reads = times(frames, LIMITS.readBytesPerFrame)
    this.reads = new KeyedBuckets(reads)
    this.addressReads = new KeyedBuckets(times(reads, LIMITS.byteSharesPerAddress))
    this.userConnects = new KeyedBuckets({ perSecond: connectionsPerUser, burst: USER_CONNECTS * connectionsPerUser })
    this.connects = new KeyedBuckets({ perSecond: connectionsPerAddress, burst: CONNECTS * connectionsPerAddress })
    this.refusals = new KeyedBuckets({ perSecond: LIMITS.refusalsPerFrame * frames.perSecond, burst: LIMITS.floodRefusals + frames.burst })
  }

  /** The allowance of a new connection. */
  allowance(now: number): Allowance {
    const { frames, signals, bytes } = this.perConnection
    return {
      frames: new TokenBucket(frames, now), signals: new TokenBucket(signals, now), bytes: new TokenBucket(bytes, now),
      first: new TokenBucket(FIRST, now),
    }
  }

  /**
   * Counts a frame that has arrived.
   *
   * @param bytes its length
   * @param isSignal whether it looks like a `webrtc-signal`; {@link recount} is called when it turns out to be none
   */
  judge(connection: Connection, bytes: number, isSignal: boolean, now: number): Verdict {
    const { allowance, address } = connection
    const counted = isSignal ? [allowance.signals] : this.counted(connection, now)
    const measured = [allowance.bytes, this.addressBytes.of(address, now)]
    const wait = Math.max(...counted.map(bucket => bucket.wait(now)), ...measured.map(bucket => bucket.wait(now, bytes)))
    if (wait > 0) return this.refused(connection, bytes, wait, now)
    for (const bucket of counted) bucket.take(now)
    for (const bucket of measured) bucket.take(now, bytes)
    return 0
  }

  /** Counts what came in as a signal and is none. */
  recount(connection: Connection, now: number): Verdict {
    const counted = this.counted(connection, now)
    const wait = Math.max(...counted.map(bucket => bucket.wait(now)))
    if (wait > 0) return this.refused(connection, 0, wait, now)
    for (const bucket of counted) bucket.take(now)
    return 0
  }

  /**
   * Counts a request's body before it is parsed. Bodies are of a user, not of a connection: which one is said inside.
   *
   * @param read whether it has been read; before, nothing is taken
   * @returns 0, or the milliseconds to wait
   */
  body(userId: string, address: string, bytes: number, read: boolean, now: number): number {
    const measured = [this.posted.of(userId, now), this.addressBytes.of(address, now)]
    const cost = Math.min(bytes, this.perConnection.bytes.burst)
    const wait = Math.max(...measured.map(bucket => bucket.wait(now, cost)))
    if (wait === 0 && read) for (const bucket of measured) bucket.take(now, cost)
    return wait
  }

  /** Milliseconds until somebody may read more; 0 for whoever has not read more than their share. */
  readWait({ userId, address }: Reader, now: number): number {
    return Math.max(userId === undefined ? 0 : this.reads.wait(userId, now), this.addressReads.wait(address, now))
  }

  /** Counts what was read of a log. How much that is, is only known afterwards: it is owed. */
  hasRead({ userId, address }: Reader, bytes: number, now: number): void {
    if (userId !== undefined) this.reads.of(userId, now).owe(now, bytes)
    this.addressReads.of(address, now).owe(now, bytes)
  }

  /** Counts a new connection of an address, or of a user. Returns 0, or the milliseconds to wait. */
  connect(by: { address: string } | { userId: string }, now: number): number {
    return 'address' in by ? this.connects.take(by.address, now) : this.userConnects.take(by.userId, now)
  }

  /** Milliseconds until one who flooded may connect again; 0 for everybody else. */
  banned(userId: string | undefined, address: string, now: number): number {
    return this.refusals.wait(userId ?? address, now)
  }

  /** An answer costs one token, and one more for each KiB that has to be looked through for the `id` it is to name. */
  private refused(connection: Connection, bytes: number, wait: number, now: number): Verdict {
    const key = connection.state.phase === 'established' ? connection.state.user.id : connection.address
    const bucket = this.refusals.of(key, now)
    if (bucket.take(now, 1 + bytes / 1024) === 0) return wait
    // Once, however many sockets flood.
    if (bucket.wait(now) < LIMITS.floodBanMs / 2) bucket.owe(now, LIMITS.refusalsPerFrame * this.perConnection.frames.perSecond * LIMITS.floodBanMs / 1000)
    return 'flooding'
  }

  private counted({ allowance, state, address }: Connection, now: number): TokenBucket[] {
    if (state.phase === 'established') return [allowance.frames, this.users.of(state.user.id, now)]
    // Whatever others of its address do, everybody can say who they are.
    return allowance.first.wait(now) === 0 ? [allowance.frames, allowance.first] : [allowance.frames, this.nameless.of(address, now)]
  }
}

function times({ perSecond, burst }: Rate, factor: number): Rate {
  return { perSecond: perSecond * factor, burst: burst * factor }
}
