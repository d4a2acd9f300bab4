import { parseArgs } from 'node:util'
import { quantile } from '../scripts/figures.mjs'
import { ROOMY } from '../scripts/lines.mjs'
import { pageScript } from '../scripts/page-script.mjs'
import { person, startChromium, startProduct } from '../scripts/product.mjs'
import { interactive } from './page/interactive.mjs'
import { listener, memory, scripting } from './page/load.mjs'
import { busyness, machine, saveResult } from './machine.mjs'

/** What the room's page costs a browser: files, the time until it is of use, work under load, memory over time. */
const { values: options } = parseArgs({ options: { save: { type: 'boolean', default: false }, only: { type: 'string', multiple: true, default: [] } } })
const ROUTES = ['/', '/r/measured', '/agents', '/agents/new', '/personas']
const OPENINGS = 5
const TALK_S = 20
const COUNTS = [1_000, 5_000, 10_000, 15_000]

const kb = bytes => `${(bytes / 1024).toFixed(0)} KB`
const mb = bytes => `${(bytes / 2 ** 20).toFixed(1)} MB`
const ms = value => `${value.toFixed(0)} ms`
const thousands = value => Math.round(value).toLocaleString('en')
const median = values => quantile(values, 0.5)

const rows = []
const figures = {}

function row(figure, target, measured) {
  rows.push(`| ${figure} | ${target} | ${measured} |`)
  console.error(`${figure}: ${measured}`)
}

async function scripts(browser, url) {
  figures.scripts = {}
  for (const route of ROUTES) {
    const { context, page } = await person(browser, url, 'Visitor')
    const script = await pageScript(page, () => page.goto(route, { waitUntil: 'load' }))
    await context.close()
    figures.scripts[route] = script
    row(`JavaScript of \`${route.replace('measured', '<room>')}\`, compressed`, route.startsWith('/r/') ? '≤ 220 KB' : route === '/' ? '≤ 130 KB' : 'noted', `${kb(script.compressed)} in ${script.files} files (${script.encodings})`)
  }
}

async function opening(browser, url) {
  const runs = []
  for (let n = 0; n < OPENINGS; n++) runs.push(await interactive(browser, url, 'opened'))
  const of = name => median(runs.map(run => run[name]))
  figures.opening = { runs, tti: of('tti'), writable: of('writable'), fcp: of('fcp') }
  const title = `of ${OPENINGS}, nothing cached`
  row(`Room: time to interactive, median ${title}`, '≤ 1.5 s', `${ms(of('tti'))} (first paint ${ms(of('fcp'))}, longest task ${ms(of('longest'))})`)
  row(`Room: until one can write, median ${title}`, 'noted', ms(of('writable')))
}

async function underLoad(browser, url) {
  const room = await listener(browser, url, 'busy')
  const work = figures.scripting = await scripting(browser, room, TALK_S)
  row(`Main thread, processor time a second while 50 messages of 200 bytes a second arrive for ${TALK_S} s`, 'noted', `${ms(work.task)}; traced: scripts ${ms(work.script)}, styles ${ms(work.style)}, layout ${ms(work.layout)}, painting ${ms(work.paint)}, garbage ${ms(work.gc)}`)
  row('Tasks above 50 ms in that time', 'none', `${work.longTasks} by the clock${work.longTasks ? `, longest ${ms(work.longest)}` : ''}; longest by processor time ${ms(work.longestWork)}`)
  await room.close()
}

async function remembered(browser, url) {
  const room = await listener(browser, url, 'long')
  const looks = figures.memory = await memory(room, COUNTS)
  for (const { messages, heap, nodes, listeners, perSecond } of looks) {
    row(`Memory after ${thousands(messages)} messages that came live`, messages > 10_000 ? 'as after 10,000' : 'noted', `${mb(heap)} heap, ${thousands(nodes)} nodes, ${thousands(listeners)} listeners (${thousands(perSecond)} messages/s)`)
  }
  await room.close()
}

const PARTS = { scripts, opening, load: underLoad, memory: remembered }
const busyBefore = busyness()
const server = await startProduct(ROOMY)
const browser = await startChromium()
for (const [name, part] of Object.entries(PARTS)) {
  if (options.only.length === 0 || options.only.includes(name)) await part(browser, server.url)
}
const chromium = browser.version()
await browser.close()
await server.stop()
console.log(`| figure | target | measured |\n|---|---|---|\n${rows.join('\n')}`)
console.log(`\n${machine()}, Chromium ${chromium}; load of the machine before: ${busyBefore.toFixed(1)}.`)
if (options.save) saveResult('page', { chromium, busyBefore, ...figures })
