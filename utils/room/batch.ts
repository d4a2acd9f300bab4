export interface BatchOptions<T> {
  /** Takes what was gathered, in the order it came. */
  apply: (items: readonly T[]) => void
  /** The least time between two batches, in milliseconds. */
  everyMs: number
  /** Whether waiting is worth it now; where not, each item is a batch. @default always */
  isWorthIt?: () => boolean
}

export interface Batch<T> {
  /** Applies an item at once after a quiet time, else soon, together with those that come until then. */
  push: (items: readonly T[]) => void
  /** Applies what waits, so that something else can follow it. */
  flush: () => void
  /** Forgets what waits. */
  clear: () => void
}

/** Gathers what comes in quick succession. What comes alone is not delayed, and nothing waits longer than one interval. */
export function createBatch<T>({ apply, everyMs, isWorthIt = () => true }: BatchOptions<T>): Batch<T> {
  let waiting: T[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let appliedAt = -Infinity

  function clear() {
    clearTimeout(timer)
    timer = undefined
    waiting = []
  }

  function flush() {
    const items = waiting
    clear()
    if (items.length === 0) return
    appliedAt = performance.now()
    apply(items)
  }

  return {
    push(items) {
      waiting.push(...items)
      const left = appliedAt + everyMs - performance.now()
      if (left <= 0 || !isWorthIt()) flush()
      else timer ??= setTimeout(flush, left)
    },
    flush,
    clear,
  }
}
