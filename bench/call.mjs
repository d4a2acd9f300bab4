import { parseArgs } from 'node:util'
import { pause, quantile } from '../scripts/figures.mjs'
import { composer, joinCall, person, startChromium, startProduct, until } from '../scripts/product.mjs'
import { decodes, prepare, read } from './call-page.mjs'
import { startCallers } from './callers.mjs'
import { browserPid, treeSeconds } from './processes.mjs'
import { busyness, machine, saveResult } from './machine.mjs'

/**
 * What a call costs as it fills and empties: up to four people in one Chromium, with camera (1280×720) and microphone, and the
 * others in Node, with a picture of 160×120.
 */
const { values: options } = parseArgs({
  options: { people: { type: 'string', default: '6' }, seconds: { type: 'string', default: '8' }, save: { type: 'boolean', default: false } },
})
const ROOM = 'bench-call'
const NAMES = ['Ann', 'Bob', 'Cleo', 'Dan', 'Eve', 'Fay']
const IN_BROWSER = 4
/** How long pictures are given to grow to what is allowed, before they are measured as they are. */
const SETTLE_MS = 12_000
/** How long they are given to come back, each time and from the beginning of it all. */
const BACK_MS = 40_000
const END_MS = 300_000
/** A call without a picture after so long does not work. */
const JOIN_MS = 40_000

const median = values => values.length > 0 ? quantile(values, 0.5) : 0
const sum = values => values.reduce((total, value) => total + value, 0)

/** Everything that is measured with, and who is in the call. */
async function open() {
  const product = await startProduct()
  const callers = await startCallers(product.url)
  const browser = await startChromium()
  return { product, callers, browser, pid: await browserPid(browser), inCall: [], endsAt: performance.now() + END_MS }
}

/** @returns {Promise<number>} milliseconds from the click, or the order, to the first decoded picture */
async function enter(world, name) {
  const others = world.inCall.length
  if (others >= IN_BROWSER) {
    const began = performance.now()
    await world.callers.enter(ROOM, name)
    await decodes(world.inCall[0].page, others, JOIN_MS)
    world.inCall.push({ name, leave: () => world.callers.leave(ROOM, name) })
    return performance.now() - began
  }
  const { page } = await person(world.browser, world.product.url, name)
  await prepare(page)
  await page.goto(`/r/${ROOM}`)
  await composer(page).waitFor()
  await joinCall(page)
  world.inCall.push({ name, page, leave: () => page.getByRole('button', { name: 'Leave' }).click() })
  if (others === 0) return 0
  const first = await decodes(page, 1, JOIN_MS)
  await Promise.all(world.inCall.map(one => decodes(one.page, others, JOIN_MS)))
  return first
}

const readAll = world => Promise.all(world.inCall.flatMap(one => one.page ? [read(one.page)] : []))
const isGrown = ({ lines, capLines }) => capLines > 0 && lines >= capLines - 1

/** What everybody in the browser does and costs for a while. */
async function measure(world, seconds) {
  const others = world.inCall.length - 1
  const settled = await until(async () => {
    const readings = await readAll(world)
    return readings.every(({ sent }) => sent.length === others && sent.every(isGrown))
  }, 'grown pictures', SETTLE_MS).catch(() => false)
  const began = performance.now()
  const cpu = [treeSeconds(world.pid), treeSeconds(world.callers.pid)]
  const before = await readAll(world)
  await pause(seconds * 1000)
  const after = await readAll(world)
  const elapsed = (performance.now() - began) / 1000
  const [browser, callers] = [world.pid, world.callers.pid].map((pid, index) => (treeSeconds(pid) - cpu[index]) / elapsed)
  const sent = after.flatMap(one => one.sent)
  const received = after.flatMap((one, index) => one.received.flatMap(({ frames, isSmall }, link) =>
    isSmall ? [] : [(frames - (before[index].received[link]?.frames ?? 0)) / elapsed]))
  return {
    settled,
    inBrowser: after.length,
    cores: browser,
    coresEach: browser / after.length,
    callerCores: callers,
    kbitEach: sum(after.map((one, index) => sum(one.sent.map(link => link.bytes)) - sum(before[index].sent.map(link => link.bytes)))) * 8 / 1000 / elapsed / after.length,
    lines: median(sent.map(link => link.lines)),
    leastLines: Math.min(...sent.map(link => link.lines)),
    capLines: median(sent.map(link => link.capLines)),
    capKbit: median(sent.map(link => link.capKbit)),
    capFps: median(sent.map(link => link.capFps)),
    limited: Object.fromEntries(['none', 'cpu', 'bandwidth', 'other'].map(reason => [reason, sent.filter(link => link.limited === reason).length])),
    fpsReceived: median(received),
  }
}

/** The last one leaves. @returns {Promise<object>} how long the first one's picture took to be what it was with so few before */
async function exit(world, before) {
  const began = performance.now()
  await world.inCall.pop().leave()
  const isBack = async () => {
    const { sent } = await read(world.inCall[0].page)
    return sent.length === world.inCall.length - 1 && sent.every(link => link.capLines >= before.capLines && link.lines >= before.lines) && sent
  }
  const sent = /** @type {import('./call-page.mjs').Sent[] | undefined} */ (await until(isBack, 'pictures to come back', Math.min(BACK_MS, world.endsAt - began)).catch(() => undefined))
  const now = sent ?? (await read(world.inCall[0].page)).sent
  return {
    people: world.inCall.length, isBack: sent !== undefined, backMs: performance.now() - began,
    lines: median(now.map(link => link.lines)), capLines: median(now.map(link => link.capLines)), capKbit: median(now.map(link => link.capKbit)),
  }
}

function table(rows, back) {
  const show = ({ people, joinMs, inBrowser, cores, coresEach, kbitEach, lines, capLines, capFps, capKbit, fpsReceived }) => {
    const returned = back.find(one => one.people === people)
    return `| ${people}${people > inBrowser ? ` (${inBrowser} in Chromium)` : ''} | ${(joinMs / 1000).toFixed(1)} s | ${cores.toFixed(2)} | ${coresEach.toFixed(2)} | ${kbitEach.toFixed(0)} kbit/s `
      + `| ${lines} of ${capLines} | ${fpsReceived.toFixed(0)} of ${capFps} | ${capKbit} kbit/s | ${returned ? `${returned.lines} of ${returned.capLines} lines, ${(returned.backMs / 1000).toFixed(1)} s${returned.isBack ? '' : ' (not yet)'}` : '–'} |`
  }
  return [
    '| people | first picture | cores, all of Chromium | cores each | sent each | lines sent, allowed | pictures a second received, allowed | allowed to each other | back when one leaves |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows.map(show),
  ].join('\n')
}

async function main() {
  const most = Math.min(Number(options.people), NAMES.length)
  const load = busyness()
  const world = await open()
  const rows = []
  const back = []
  try {
    for (const name of NAMES.slice(0, most)) {
      const joinMs = await enter(world, name)
      if (world.inCall.length < 2) continue
      rows.push({ people: world.inCall.length, joinMs, ...await measure(world, Number(options.seconds)) })
      console.error(`${world.inCall.length} people: ${JSON.stringify(rows.at(-1))}`)
    }
    while (world.inCall.length > 2) {
      back.push(await exit(world, rows[world.inCall.length - 3]))
      console.error(`back to ${world.inCall.length}: ${JSON.stringify(back.at(-1))}`)
    }
  } finally {
    await world.browser.close()
    await world.callers.stop()
    await world.product.stop()
  }
  const chromium = world.browser.version()
  console.log(table(rows, back))
  console.log(`\nOne run, ${options.seconds} s for each row. ${machine()}; Chromium ${chromium}; load before ${load.toFixed(1)}. ${new Date().toISOString().slice(0, 10)}.`)
  if (options.save) saveResult('call', { chromium, load, rows, back })
}

await main()
process.exit()
