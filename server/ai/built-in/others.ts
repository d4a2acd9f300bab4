/** How long an answer keeps the thread, in milliseconds: about what a frame's way through the server takes. */
const SLICE_MS = 4

/** Lets everything else that waits have its turn: answers are made on the thread that carries everybody's frames. */
export function others(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}

/**
 * Makes a step that is to be awaited between two pieces of long work: it lets others run when this one has had its slice.
 *
 * @param signal ends the work: the step then throws its reason
 */
export function inTurns(signal?: AbortSignal): () => Promise<void> | undefined {
  let since = performance.now()
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined
    return others().then(() => {
      signal?.throwIfAborted()
      since = performance.now()
    })
  }
}
