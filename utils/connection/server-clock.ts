/** Differences below this are the way the answer took, and no wrong clock. */
const NOISE_MS = 2_000

let offset = 0

/**
 * Learns what time it is for the server, whose times everything said carries: a clock that is wrong here must not put days and
 * lines out of order.
 *
 * @param timestamp ISO 8601, as the server has just sent it
 */
export function learnServerTime(timestamp: string, now: number = Date.now()): void {
  const difference = Date.parse(timestamp) - now
  if (!Number.isNaN(difference)) offset = Math.abs(difference) < NOISE_MS ? 0 : difference
}

/** Milliseconds since 1970 by the server's clock, as far as it is known; by this device's before. */
export function serverNow(): number {
  return Date.now() + offset
}

/** The same as ISO 8601. */
export function serverTimestamp(): string {
  return new Date(serverNow()).toISOString()
}
