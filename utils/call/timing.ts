/** Every waiting time of a call, in milliseconds. Restarting a failed link must take less than 5 s in all. */
export const TIMING = {
  /** How long a lost path may come back by itself. */
  disconnected: 2_000,
  /** How long one attempt to connect may take. A wrong TURN secret shows in no other way. */
  attempt: 8_000,
  /** How long after a hello without an offer it is said again. */
  hello: 3_000,
  /** How young an attempt must be for a second hello to be taken as a duplicate. */
  duplicate: 2_500,
  /** How often a connection is looked at: one closed underneath fires no event. */
  poll: 1_000,
  /** How long somebody who reloads keeps the tile. */
  reload: 6_000,
  backoffBase: 1_000,
  backoffMax: 15_000,
} as const

/** After so many failed attempts in a row a link is called unreachable; it goes on trying all the same. */
export const ATTEMPTS_BEFORE_UNREACHABLE = 2

/**
 * How long to wait before the next attempt: none after the first failure, then doubling with jitter.
 *
 * @param failures failed attempts in a row, 1 for the first
 * @param random 0 … 1
 */
export function backoff(failures: number, random: number = Math.random()): number {
  if (failures <= 1) return 0
  const ceiling = Math.min(TIMING.backoffMax, TIMING.backoffBase * 2 ** (failures - 2))
  return Math.round(ceiling * (0.75 + 0.25 * random))
}
