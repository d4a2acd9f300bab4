/** How many tokens come a second, and how many may be saved up. */
export interface Rate {
  perSecond: number
  burst: number
}

/** A token bucket: short bursts pass, the long-run rate is bounded (CON-6). Holds three numbers and no timer. */
export class TokenBucket {
  private tokens: number
  private at: number

  /** @param now milliseconds of any steady clock */
  constructor(private readonly rate: Rate, now: number) {
    this.tokens = rate.burst
    this.at = now
  }

  /**
   * Takes tokens, all of them or none.
   *
   * @param cost how many; more than the burst is never there
   * @returns 0 when they were there, otherwise the milliseconds until they will be
   */
  take(now: number, cost = 1): number {
    const wait = this.wait(now, cost)
    if (wait === 0) this.tokens -= cost
    return wait
  }

  /** Says what {@link take} would, and takes nothing. */
  wait(now: number, cost = 1): number {
    this.tokens = Math.min(this.rate.burst, this.tokens + (now - this.at) * this.rate.perSecond / 1000)
    this.at = now
    return this.tokens >= cost ? 0 : Math.ceil((cost - this.tokens) * 1000 / this.rate.perSecond)
  }

  /** Takes tokens for what has been done already, whether they are there or not: a debt is paid off before anything else is let through. */
  owe(now: number, cost: number): void {
    this.wait(now)
    this.tokens -= cost
  }
}

/** Keys whose allowance is remembered; past it some of those unused for long give way. */
const MAX_KEYS = 10_000

/**
 * A {@link TokenBucket} for each key, for as many keys as memory allows. One that has filled up again is no different from a new one,
 * and is forgotten: whoever comes once is not remembered for ever.
 */
export class KeyedBuckets {
  private readonly buckets = new Map<string, TokenBucket>()

  constructor(private readonly rate: Rate) {}

  /** Takes tokens of a key. Returns 0 when they were there, otherwise the milliseconds until they will be. */
  take(key: string, now: number, cost = 1): number {
    return this.of(key, now).take(now, cost)
  }

  /** The bucket of a key. */
  of(key: string, now: number): TokenBucket {
    const bucket = this.buckets.get(key) ?? new TokenBucket(this.rate, now)
    // Set anew, so that the map's order is about that of last use.
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    if (this.buckets.size > MAX_KEYS) this.buckets.delete(this.buckets.keys().next().value ?? '')
    this.forgetFull(key, now)
    return bucket
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.buckets.size
  }

  /** Looks at two of those unused for longest, more than come each time. One who still owes something goes out of the way of the others. */
  private forgetFull(present: string, now: number): void {
    for (let looked = 0; looked < 2; looked++) {
      const [oldest] = this.buckets
      if (!oldest || oldest[0] === present) return
      const [key, bucket] = oldest
      this.buckets.delete(key)
      if (bucket.wait(now, this.rate.burst) > 0) this.buckets.set(key, bucket)
    }
  }

  /** Milliseconds until a key has tokens; 0 for one that has, or was never seen. Makes and takes nothing. */
  wait(key: string, now: number, cost = 1): number {
    return this.buckets.get(key)?.wait(now, cost) ?? 0
  }
}
