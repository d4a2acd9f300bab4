import { composer, person } from '../../scripts/product.mjs'

/** A task longer than this keeps a person waiting (Lighthouse's and the Long Tasks API's own bound). */
export const LONG_MS = 50
const QUIET_MS = 5_000
const GIVEN_UP_MS = 30_000

/** Runs in a page, before its own scripts: notes long tasks, and when one can write. */
export function watchTasks() {
  globalThis.tasks = []
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) globalThis.tasks.push({ start: startTime, end: startTime + duration, ms: duration })
  }).observe({ type: 'longtask', buffered: true })
  const look = () => {
    const field = /** @type {HTMLTextAreaElement | null} */ (document.querySelector('[aria-describedby="composer-help"]'))
    if (field && !field.disabled) globalThis.writableAt = performance.now()
    else requestAnimationFrame(look)
  }
  look()
}

/**
 * Opens a room as somebody who comes for the first time, until nothing has held the page up for five seconds.
 *
 * @returns {Promise<{ fcp: number, tti: number, writable: number, longest: number }>} milliseconds since the address was entered
 */
export async function interactive(browser, url, room) {
  const { context, page } = await person(browser, url, 'Newcomer')
  await page.addInitScript(watchTasks)
  await page.goto(`/r/${room}`)
  await composer(page).waitFor()
  const figures = await page.waitForFunction(({ quiet, givenUp }) => {
    const fcp = performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    const now = performance.now()
    if (fcp === undefined || globalThis.writableAt === undefined) return false
    // What ended before anything was to be seen held nobody up.
    const late = globalThis.tasks.filter(task => task.end > fcp)
    const gap = late.findIndex((task, index) => task.start - (late[index - 1]?.end ?? fcp) >= quiet)
    const before = gap < 0 ? late : late.slice(0, gap)
    const tti = before.at(-1)?.end ?? fcp
    if (gap < 0 && now - tti < quiet && now < givenUp) return false
    return { fcp, tti, writable: globalThis.writableAt, longest: Math.max(0, ...globalThis.tasks.map(task => task.ms)) }
  }, { quiet: QUIET_MS, givenUp: GIVEN_UP_MS }, { polling: 100, timeout: 2 * GIVEN_UP_MS }).then(handle => handle.jsonValue())
  await context.close()
  if (figures === false) throw new Error('the page was never ready')
  return figures
}
