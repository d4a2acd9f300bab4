/** What tells the time, in milliseconds of any steady clock, and when the event loop has gone round. */
export interface Rounds {
  now: () => number
  next: (round: () => void) => void
}

/** Those of this process. */
export const LOOP: Rounds = { now: () => performance.now(), next: round => void setImmediate(round) }
