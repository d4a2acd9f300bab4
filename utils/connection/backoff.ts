export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. @default 500 */
  baseMs?: number
  /** Upper bound of every delay, in milliseconds. @default 20000 */
  maxMs?: number
  /** A connection that lived this long resets the doubling, in milliseconds. @default 10000 */
  stableMs?: number
  /** Source of randomness in [0, 1). @default Math.random */
  random?: () => number
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
}

export interface Backoff {
  /** The next delay in milliseconds: anything up to a bound that doubles with each try ("full jitter"). */
  next: () => number
  /** Tells that a connection stands. */
  opened: () => void
  /** Tells that the connection is gone; the doubling starts anew if it had lived long enough. */
  closed: () => void
}

/**
 * Delays between reconnects (CON-5): full jitter, so that a thousand clients of a restarted server do not
 * come back in the same instant.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { baseMs = 500, maxMs = 20_000, stableMs = 10_000, random = Math.random, now = Date.now } = options
  let tries = 0
  let openedAt: number | undefined
  return {
    next() {
      const bound = Math.min(maxMs, baseMs * 2 ** Math.min(tries, 30))
      tries++
      return Math.round(random() * bound)
    },
    opened() {
      openedAt = now()
    },
    closed() {
      if (openedAt !== undefined && now() - openedAt >= stableMs) tries = 0
      openedAt = undefined
    },
  }
}
