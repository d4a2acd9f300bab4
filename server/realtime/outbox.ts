import { LIMITS } from '#shared/protocol/limits'
import type { OutgoingFrame } from './outgoing'
import { Signals } from './signals'

/** What a connection writes to: the whole of what the hub knows of a transport. */
export interface Transport {
  readonly kind: 'websocket' | 'sse' | 'polling'
  /** Bytes handed over that the network has not taken yet. */
  readonly bufferedBytes: number
  /** How long it may take nothing of what waits before it counts as dead, in milliseconds (BP-1, POL-1). */
  readonly stalledMs: number
  /** Its frames wait until they are fetched: until a first fetch its client may never have heard of it (CON-8). */
  readonly isFetched?: boolean
  /** Writes frames in order, in one go. Returns how many bytes that was. */
  write: (frames: readonly OutgoingFrame[]) => number
  /** Says goodbye with a close code (CON-5), and makes sure the peer is gone soon after. */
  close: (code: number, reason: string) => void
  /** Stops or goes on reading from the client. */
  pause: (paused: boolean) => void
  /** Called about twice a second: a transport that has to be kept alive does it here, without a timer of its own. */
  beat?: (now: number) => void
}

/** Why an outbox gave up on its connection. */
export type Overrun = 'too much unsent' | 'no progress'

/**
 * What waits to be written to one connection. Everything of one tick goes out in one write. While the network takes
 * less than is said, states are conflated; a connection that stays behind is given up (BP-1, invariant 4).
 */
export class Outbox {
  private queue: OutgoingFrame[] = []
  private readonly held = new Map<string, OutgoingFrame>()
  private queuedBytes = 0
  private takenBytes = 0
  private takenAt = 0
  private allowance = { bytes: 0, until: 0 }
  /** Bytes that the network had not taken when it was last written to. */
  leftBytes = 0
  /** Made with the first signal: most connections never get one. */
  private signals?: Signals

  /**
   * @param transport where it writes
   * @param schedule asks for a {@link flush} at the end of this tick; called once per tick
   */
  constructor(private readonly transport: Transport, private readonly schedule: (outbox: Outbox) => void) {}

  /** Queues a frame for the end of this tick. */
  push(frame: OutgoingFrame): void {
    if (frame.conflateKey !== undefined && (this.held.size > 0 || this.transport.bufferedBytes > LIMITS.conflateBytes)) {
      const earlier = this.held.get(frame.conflateKey)
      // Deleted first, so that the newest state also takes the newest place in the order.
      this.held.delete(frame.conflateKey)
      this.held.set(frame.conflateKey, earlier ? frame.after(earlier) : frame)
      return
    }
    this.queue.push(frame)
    if (this.queue.length === 1) this.schedule(this)
  }

  /** Writes what is queued, and what was held back once there is room for it. Returns why to give up, if so. */
  flush(): Overrun | undefined {
    if (this.held.size > 0 && this.transport.bufferedBytes <= LIMITS.conflateBytes) {
      this.queue.push(...this.held.values())
      this.held.clear()
    }
    if (this.queue.length > 0) {
      const frames = this.queue
      this.queue = []
      this.queuedBytes += this.transport.write(frames)
    }
    const buffered = this.transport.bufferedBytes
    this.signals?.written(this.queuedBytes)
    this.leftBytes = buffered
    const most = LIMITS.closeBytes + this.allowed(buffered)
    if (buffered <= most) return undefined
    this.signals?.settle(this.queuedBytes - buffered)
    return buffered > most + (this.signals?.bytes ?? 0) ? 'too much unsent' : undefined
  }

  /**
   * Queues a signal, unless too much of what its sender said is still on its way. It is the sender who has to wait then: signals do not
   * count towards what closes the one they are for (BP-1).
   *
   * @param from the user who sends
   * @returns whether it was queued
   */
  pushSignal(frame: OutgoingFrame, from: string): boolean {
    this.signals ??= new Signals()
    const bytes = Buffer.byteLength(frame.json)
    if (!this.signals.admits(from, bytes, this.queuedBytes - this.transport.bufferedBytes)) return false
    this.signals.sent(from, bytes)
    this.push(frame)
    return true
  }

  /**
   * Queues what the client has asked for, however long: a replay is bounded by its number of entries, and a slow network
   * that takes long over it has not fallen behind.
   */
  pushReply(frames: readonly OutgoingFrame[]): void {
    this.flush()
    const before = this.queuedBytes
    for (const frame of frames) this.push(frame)
    this.flush()
    this.allowance = { bytes: this.allowed(this.transport.bufferedBytes) + this.queuedBytes - before, until: this.queuedBytes }
  }

  /** Bytes written that the network has not taken. */
  get unsentBytes(): number {
    return this.transport.bufferedBytes
  }

  /** Bytes that may wait beyond the bound: those of replies that are not on their way yet. */
  private allowed(buffered: number): number {
    if (this.allowance.bytes > 0 && this.queuedBytes - buffered >= this.allowance.until) this.allowance.bytes = 0
    return this.allowance.bytes
  }

  /**
   * Looks whether the network took anything since the last look.
   *
   * @param now milliseconds of any steady clock
   */
  check(now: number): Overrun | undefined {
    const buffered = this.transport.bufferedBytes
    const taken = this.queuedBytes - buffered
    // Less than before is no progress: what wraps each write waits too, and was not counted when it was queued.
    if (buffered === 0 || taken > this.takenBytes) this.takenAt = now
    else if (now - this.takenAt >= this.transport.stalledMs) return 'no progress'
    this.takenBytes = taken
    return this.held.size > 0 ? this.flush() : undefined
  }
}
