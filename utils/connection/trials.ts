import type { Line } from './chat-line'
import type { Climb } from './transport-choice'
import { climbDelay, SOON_MS } from './transport-choice'
import type { TransportName } from './wire'

export interface TrialsOptions {
  /** The transports that should carry the connection instead, in the order to try. */
  better: () => readonly TransportName[]
  /** Opens a line beside the present one. */
  open: (transport: TransportName) => Line
  random: () => number
}

/** The attempts to get to a better transport, beside the line that works. */
export interface Trials {
  /** The line that is being tried. */
  line: () => Line | undefined
  /** Tries later; not at all when nothing is better. */
  schedule: () => void
  /** Tries at once. */
  now: () => void
  /** The line that was tried did not come up. */
  failed: () => void
  /** The line that was tried is taken into use: it is not on trial any more. */
  passed: () => void
  /** A line that had passed broke before it was alone: the next best is tried. */
  missed: () => void
  /** A line that had passed was given up after this time: how soon decides how long the next trial waits. */
  dropped: (lastedMs: number) => void
  /** Forgets earlier failures. */
  forgive: () => void
  /** Ends a trial that nobody wants any more, and plans none. */
  stop: () => void
}

/** Tries better transports now and then, rarer the less it helps. */
export function createTrials({ better, open, random }: TrialsOptions): Trials {
  let climb: Climb = { misses: 0, drops: 0 }
  let line: Line | undefined
  let others: readonly TransportName[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function schedule() {
    clearTimeout(timer)
    if (better().length > 0) timer = setTimeout(now, climbDelay(climb, random))
  }

  function now() {
    clearTimeout(timer)
    if (!line) tryOut(better())
  }

  function tryOut([name, ...rest]: readonly TransportName[]) {
    others = rest
    if (name === undefined) return schedule()
    line = open(name)
    line.chat.connect()
  }

  function missed() {
    if (others.length === 0) climb = { ...climb, misses: climb.misses + 1 }
    tryOut(others)
  }

  return {
    line: () => line,
    schedule,
    now,
    failed() {
      line?.dispose()
      line = undefined
      missed()
    },
    passed() {
      line = undefined
      climb = { ...climb, misses: 0 }
    },
    missed,
    dropped(lastedMs) {
      climb = { misses: 0, drops: lastedMs < SOON_MS ? climb.drops + 1 : 0 }
    },
    forgive() {
      climb = { misses: 0, drops: 0 }
    },
    stop() {
      clearTimeout(timer)
      line?.dispose()
      line = undefined
    },
  }
}
