import type { Line } from './chat-line'

/** A replaced line is looked at this often, and goes on for this long at most, in milliseconds. */
const CHECK_MS = 50
const MOST_MS = 8_000

export interface OverlapOptions {
  /** Whether nothing needs the replaced line any more. */
  isDone: (line: Line) => boolean
  /** The replaced line was ended. */
  onEnd: () => void
}

/** The time in which two lines feed one connection (FLAG-2). */
export interface Overlap {
  /** The line that is being replaced, if one is. */
  line: () => Line | undefined
  /** Lets a replaced line go on until it is not needed, and for so long at least. */
  begin: (line: Line, leastMs: number) => void
  /** Ends the replaced line. */
  end: () => void
  /** Gives the replaced line back, to go on as before. */
  undo: () => Line | undefined
}

/** Keeps a replaced line alive as long as it is of use. */
export function createOverlap({ isDone, onEnd }: OverlapOptions): Overlap {
  let running: { line: Line, timer: ReturnType<typeof setInterval> } | undefined

  function undo() {
    const line = running?.line
    clearInterval(running?.timer)
    running = undefined
    return line
  }

  function end() {
    const line = undo()
    if (!line) return
    line.dispose()
    onEnd()
  }

  return {
    line: () => running?.line,
    begin(line, leastMs) {
      const from = Date.now()
      running = {
        line,
        timer: setInterval(() => {
          const passed = Date.now() - from
          if (passed >= MOST_MS || (passed >= leastMs && isDone(line))) end()
        }, CHECK_MS),
      }
    },
    end,
    undo,
  }
}
