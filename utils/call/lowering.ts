import type { Load } from './load'

/** When what is sent is lowered and raised again, in milliseconds. */
export const LOWERING = {
  /** Readings in a row that have to say the same: one alone may be a key frame for somebody who joins. */
  readings: 2,
  /** How long a change is given to show. */
  settle: 5_000,
  /** How long it has to be easy before it goes up. */
  calm: 20_000,
  /** The longest such wait, after it did not last again and again. */
  calmMax: 320_000,
  /** What is too much within this time after it went up did not last. */
  relapse: 60_000,
} as const

/** How far below the head-count's rung this computer sends. */
export interface Lowering {
  readonly steps: number
  /**
   * Takes one reading.
   *
   * @param load undefined leaves everything as it is
   * @param at milliseconds of any clock that does not go back
   * @param most how many steps there are
   * @returns the steps now
   */
  note: (load: Load | undefined, at: number, most: number) => number
}

/**
 * Follows the load, down fast and up slowly. What goes up too early comes down again, and then waits twice as long, so
 * that a computer at its limit does not go to and fro.
 */
export function createLowering(): Lowering {
  let steps = 0
  let overs = 0
  let calm: number = LOWERING.calm
  let easySince: number | undefined
  let changedAt = Number.NEGATIVE_INFINITY
  let raisedAt = Number.NEGATIVE_INFINITY

  function lower(at: number) {
    calm = at - raisedAt < LOWERING.relapse ? Math.min(calm * 2, LOWERING.calmMax) : LOWERING.calm
    steps += 1
    overs = 0
    changedAt = at
  }

  function raise(at: number) {
    steps -= 1
    easySince = at
    changedAt = raisedAt = at
  }

  return {
    get steps() {
      return steps
    },
    note(load, at, most) {
      if (load === undefined) return steps
      overs = load === 'over' ? overs + 1 : 0
      easySince = load === 'easy' ? easySince ?? at : undefined
      if (overs >= LOWERING.readings && steps < most && at - changedAt >= LOWERING.settle) lower(at)
      else if (steps > 0 && easySince !== undefined && at - easySince >= calm) raise(at)
      return steps
    },
  }
}
