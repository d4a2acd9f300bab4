import { LIMITS } from '#shared/protocol/limits'

interface Sent {
  from: string
  bytes: number
  /** Where it ends in all that was written to the connection. */
  end: number
}

/**
 * The signals on their way to one connection, by who sent them. A signal is never skipped, so what waits is bounded where it comes
 * from: each sender has a share, and who has used it up is refused. They do not count against the one they are for (BP-1).
 */
export class Signals {
  private waiting: Sent[] = []
  private readonly shares = new Map<string, number>()
  private total = 0

  /** Bytes of signals that wait. */
  get bytes(): number {
    return this.total
  }

  /**
   * Whether one more of a sender may wait.
   *
   * @param taken bytes that the connection's network has taken so far
   */
  admits(from: string, bytes: number, taken: number): boolean {
    this.settle(taken)
    const own = this.shares.get(from) ?? 0
    const senders = this.shares.size + (own === 0 ? 1 : 0)
    const share = Math.max(LIMITS.signalBytes, Math.min(LIMITS.signalShareBytes, LIMITS.signalsWaitingBytes / 2 / senders))
    return own + bytes <= share && this.total + bytes <= LIMITS.signalsWaitingBytes
  }

  /** One more waits; it ends where the next write does. */
  sent(from: string, bytes: number): void {
    this.waiting.push({ from, bytes, end: Number.POSITIVE_INFINITY })
    this.shares.set(from, (this.shares.get(from) ?? 0) + bytes)
    this.total += bytes
  }

  /** What was sent since the last write has been written. @param end where that ends in all that was written */
  written(end: number): void {
    for (let last = this.waiting.length - 1; last >= 0 && this.waiting[last]!.end === Number.POSITIVE_INFINITY; last--) this.waiting[last]!.end = end
  }

  /** Forgets what has been taken. */
  settle(taken: number): void {
    const left = this.waiting.findIndex(({ end }) => end > taken)
    for (const { from, bytes } of this.waiting.splice(0, left === -1 ? this.waiting.length : left)) {
      const share = (this.shares.get(from) ?? 0) - bytes
      if (share > 0) this.shares.set(from, share)
      else this.shares.delete(from)
      this.total -= bytes
    }
  }
}
