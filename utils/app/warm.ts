/** Nobody touched the page for this long: it is read, and its parts may be fetched. */
const UNTOUCHED_MS = 10_000
/** After a part that did not come. */
const AGAIN_MS = 30_000
const TOUCHES = ['pointerdown', 'keydown', 'touchstart', 'wheel', 'pointermove'] as const

function quietMoment(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 2_000 })
    else setTimeout(resolve, 200)
  })
}

/** Until the page is there with all it loads at once, and somebody uses it or has looked at it for a while. */
export function inUse(): Promise<void> {
  return new Promise((resolve) => {
    const wait = () => {
      const timer = setTimeout(done, UNTOUCHED_MS)
      function done() {
        clearTimeout(timer)
        for (const touch of TOUCHES) window.removeEventListener(touch, touched, { capture: true })
        resolve()
      }
      // What appears under a pointer at rest makes a browser report a move of nothing.
      const touched = (event: Event) => (!(event instanceof MouseEvent) || event.type !== 'pointermove' || event.movementX || event.movementY) && done()
      for (const touch of TOUCHES) window.addEventListener(touch, touched, { capture: true, passive: true })
    }
    if (document.readyState === 'complete') wait()
    else window.addEventListener('load', wait, { once: true })
  })
}

/** Errors of parts nobody waits for. */
const unasked = new WeakSet<object>()

/** Whether this is why a part did not come that is only fetched ahead. Known one turn after the part was refused. */
export function isUnasked(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unasked.has(error)
}

/** The same promise; should it be refused, nobody is told that a part did not come: there is something in its place. */
export function unwaited<T>(part: Promise<T>): Promise<T> {
  part.catch((error: object) => unasked.add(error))
  return part
}

/**
 * Fetches what may be wanted later, one part after another, each in a quiet moment. What does not come is fetched again later, and ever
 * more seldom.
 *
 * @param parts each fetches one part; one that is there already costs nothing
 * @param options with `atOnce`, all together and without waiting for a quiet moment
 * @returns when all are there
 */
export async function warm(parts: readonly (() => Promise<unknown>)[], options: { atOnce?: boolean } = {}): Promise<void> {
  let missing = parts
  for (let pause = AGAIN_MS; ; pause *= 2) {
    missing = await fetched(missing, options)
    if (missing.length === 0) break
    await new Promise(resolve => setTimeout(resolve, pause))
  }
}

/** Fetches parts, and returns those that did not come. */
async function fetched(parts: readonly (() => Promise<unknown>)[], { atOnce }: { atOnce?: boolean }) {
  const missing: (() => Promise<unknown>)[] = []
  const fetch = (part: () => Promise<unknown>) => unwaited(part()).catch(() => missing.push(part))
  if (atOnce) await Promise.all(parts.map(fetch))
  else {
    for (const part of parts) {
      await quietMoment()
      await fetch(part)
    }
  }
  return missing
}
