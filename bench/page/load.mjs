import { composer, person, until } from '../../scripts/product.mjs'
import { LONG_MS, watchTasks } from './interactive.mjs'
import { talkers } from './talk.mjs'
import { recorded, workOf } from './trace.mjs'

const HISTORY = 1_000
const PER_SECOND = 50
const FLOOD_PER_SECOND = 200
const CATCH_UP_MS = 90_000
/** A trace of this long is enough to tell, and small enough to be read. */
const TRACED_S = 8

async function metrics(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics')
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value]))
}

/** Waits until a page shows the newest message. Asked rarely, because asking is work for the page as well. */
async function shows(page, n) {
  await until(() => page.evaluate(text => [...document.querySelectorAll('article')].some(article => article.textContent.includes(text)), `probe-${n}.`), `message ${n} in the page`, CATCH_UP_MS)
}

/**
 * A page in a room with a history, and people who talk there.
 *
 * @returns {Promise<{ page: import('playwright-core').Page, devtools: import('playwright-core').CDPSession, talk: Awaited<ReturnType<typeof talkers>>, close: () => Promise<void> }>}
 */
export async function listener(browser, url, room) {
  const talk = await talkers(url, room)
  await talk.say(HISTORY, 2_000)
  const { context, page } = await person(browser, url, 'Listener')
  await page.addInitScript(watchTasks)
  await page.goto(`/r/${room}`)
  await composer(page).waitFor()
  await shows(page, talk.newest())
  await page.waitForLoadState('networkidle')
  const devtools = await context.newCDPSession(page)
  return {
    page, devtools, talk,
    async close() {
      talk.leave()
      await context.close()
    },
  }
}

/**
 * What the page's main thread does while people talk: first watched from afar, then for a while with a trace, which is work itself
 * but tells the kinds of work apart.
 *
 * @returns {Promise<Record<string, number>>} milliseconds of processor time a second, tasks that were long by the clock, and the
 * longest by processor time
 */
export async function scripting(browser, { page, devtools, talk }, seconds) {
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(() => globalThis.tasks = [])
  const before = await metrics(devtools)
  const began = performance.now()
  await talk.say(PER_SECOND * seconds, PER_SECOND)
  const passed = (performance.now() - began) / 1000
  await shows(page, talk.newest())
  const after = await metrics(devtools)
  const tasks = await page.evaluate(() => globalThis.tasks.map(task => task.ms))
  const events = await recorded(browser, page, () => talk.say(PER_SECOND * TRACED_S, PER_SECOND))
  const { longest, ...work } = workOf(events)
  return {
    ...Object.fromEntries(Object.entries(work).map(([kind, ms]) => [kind, ms / TRACED_S])),
    task: (after.TaskDuration - before.TaskDuration) * 1000 / passed,
    longTasks: tasks.filter(ms => ms > LONG_MS).length, longest: Math.max(0, ...tasks), longestWork: longest,
  }
}

/**
 * What the page holds after so many messages came to it live.
 *
 * @param {any} listener
 * @param {number[]} counts ascending
 * @returns {Promise<{ messages: number, heap: number, nodes: number, listeners: number, perSecond: number }[]>}
 */
export async function memory({ page, devtools, talk }, counts) {
  const looks = []
  for (let said = 0, n = 0; n < counts.length; said = counts[n++]) {
    const began = performance.now()
    await talk.say(counts[n] - said, FLOOD_PER_SECOND)
    await shows(page, talk.newest())
    const passed = (performance.now() - began) / 1000
    // Twice: what the first one finalises only the second one frees.
    for (let turn = 0; turn < 2; turn++) await devtools.send('HeapProfiler.collectGarbage')
    const { usedSize } = await devtools.send('Runtime.getHeapUsage')
    const { nodes, jsEventListeners } = await devtools.send('Memory.getDOMCounters')
    looks.push({ messages: counts[n], heap: usedSize, nodes, listeners: jsEventListeners, perSecond: (counts[n] - said) / passed })
  }
  return looks
}
