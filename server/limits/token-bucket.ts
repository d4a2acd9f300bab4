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

  /** Takes a token. Returns 0 when there was one, otherwise the milliseconds until there will be. */
  take(now: number): number {
    this.tokens = Math.min(this.rate.burst, this.tokens + (now - this.at) * this.rate.perSecond / 1000)
    this.at = now
    if (this.tokens >= 1) {
      this.tokens -= 1
      return 0
    }
    return Math.ceil((1 - this.tokens) * 1000 / this.rate.perSecond)
  }
}

/** Keys whose allowance is remembered; past it the longest unused give way. */
const MAX_KEYS = 10_000

/** A {@link TokenBucket} for each key, for as many keys as memory allows. */
export class KeyedBuckets {
  private readonly buckets = new Map<string, TokenBucket>()

  constructor(private readonly rate: Rate) {}

  /** Takes a token of a key. Returns 0 when there was one, otherwise the milliseconds until there will be. */
  take(key: string, now: number): number {
    const bucket = this.buckets.get(key) ?? new TokenBucket(this.rate, now)
    // Set anew, so that the map's order is the order of last use.
    this.buckets.delete(key)
    this.buckets.set(key, bucket)
    if (this.buckets.size > MAX_KEYS) this.buckets.delete(this.buckets.keys().next().value ?? '')
    return bucket.take(now)
  }
}
