/**
 * Where a page's main thread spends its time, from the browser's own trace. `Performance.getMetrics` is no help: its
 * `ScriptDuration` leaves out microtasks, and there Vue does all its work.
 */
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'toplevel', '__metadata']

const KINDS = {
  script: new Set(['EvaluateScript', 'v8.compile', 'FunctionCall', 'RunMicrotasks', 'TimerFire', 'FireAnimationFrame', 'EventDispatch', 'v8.run', 'v8.callFunction', 'v8.evaluateModule', 'BlinkScheduler_PerformMicrotaskCheckpoint']),
  style: new Set(['UpdateLayoutTree', 'RecalculateStyles', 'ParseAuthorStyleSheet']),
  layout: new Set(['Layout', 'HitTest']),
  paint: new Set(['PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer', 'CompositeLayers']),
  gc: new Set(['MajorGC', 'MinorGC', 'V8.GCScavenger', 'BlinkGC.AtomicPhase']),
}
const TASKS = new Set(['RunTask', 'ThreadControllerImpl::RunTask'])
const KIND_OF = new Map(Object.entries(KINDS).flatMap(([kind, names]) => [...names].map(name => [name, kind])))

/**
 * Records while something happens.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<unknown>} action
 * @returns {Promise<object[]>} the trace's events
 */
export async function recorded(browser, page, action) {
  await browser.startTracing(page, { categories: CATEGORIES })
  await action()
  const trace = await browser.stopTracing()
  return JSON.parse(trace.toString()).traceEvents
}

/** The main thread that worked most: of the page that was loaded, and not of one that is idle. */
function mainThread(events) {
  const names = new Map(events.filter(event => event.name === 'thread_name').map(event => [`${event.pid}:${event.tid}`, event.args.name]))
  const busy = new Map()
  for (const { ph, dur, pid, tid } of events) {
    const key = `${pid}:${tid}`
    if (ph === 'X' && dur && names.get(key) === 'CrRendererMain') busy.set(key, (busy.get(key) ?? 0) + dur)
  }
  return [...busy].toSorted((a, b) => b[1] - a[1])[0]?.[0]
}

/**
 * Adds up, by kind of work, what ran on the page's main thread. Each moment counts once, for the innermost kind: a layout that a
 * script forces is layout. In processor time and not by the clock, so that what else runs on the machine counts for nothing.
 *
 * @returns {Record<'task' | 'longest' | 'script' | 'style' | 'layout' | 'paint' | 'gc', number>} milliseconds
 */
export function workOf(events) {
  const main = mainThread(events)
  const mine = events.filter(({ ph, dur, pid, tid }) => ph === 'X' && dur && `${pid}:${tid}` === main).toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
  const work = { task: 0, longest: 0, script: 0, style: 0, layout: 0, paint: 0, gc: 0 }
  /** @type {{ end: number, [key: string]: any }[]} */
  const open = []
  for (const { name, ts, dur, tdur = 0 } of mine) {
    while (Number(open.at(-1)?.end) <= ts) open.pop()
    const kind = TASKS.has(name) ? 'task' : KIND_OF.get(name)
    if (!kind) continue
    const ms = tdur / 1000
    const outer = open.at(-1)
    if (kind === 'task' && outer) continue
    work[kind] += ms
    if (kind === 'task') work.longest = Math.max(work.longest, ms)
    else if (outer && outer.kind !== 'task') work[outer.kind] -= ms
    open.push({ kind, end: ts + dur })
  }
  return work
}
