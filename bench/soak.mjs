import { parseArgs } from 'node:util'
import { pause } from '../scripts/figures.mjs'
import { closeIdle, guest, openLine } from '../scripts/lines.mjs'
import { startCandidate } from './candidates.mjs'
import { pinned, prepare } from './measure.mjs'
import { inTurns } from './loads.mjs'

/**
 * Half of what a server can carry, for long, with people coming and going on every transport: memory has to end flat, and nothing
 * that is opened may stay. SQLite's page cache is allowed its 64 MB; what JavaScript holds is not allowed to grow.
 */
const { values: options } = parseArgs({ options: { minutes: { type: 'string', default: '30' }, rate: { type: 'string', default: '100' } } })
const ROOMS = 10
const MEMBERS = 20
const EVERY_MS = 5_000
const TRANSPORTS = ['websocket', 'websocket', 'sse', 'polling']
/** Growth of the heap after collection that is none: kilobytes a minute, beyond the noise of the looks. */
const FLAT_KB_PER_MINUTE = 512
/** A server grows into its caches before it can be flat. */
const WARM_UP_MS = 100_000
/** The probe's own channel, the listening socket, and what the system has not told of yet. */
const SOCKETS_LEFT = 5

const text = n => ({ type: 'chat', text: `soak ${n} ${'x'.repeat(180)}`, client_msg_id: crypto.randomUUID() })

/** Someone in a room who leaves after a while and comes back over the same transport. */
async function member(server, n) {
  const token = await guest(server.url, `Member ${n}`)
  const room = `soak-${n % ROOMS}`
  let seq = 0
  const open = () => openLine(/** @type {'websocket' | 'sse' | 'polling'} */ (TRANSPORTS[n % TRANSPORTS.length]), server.url, token, { room, ...(seq && { from_seq: seq }) }, (frame) => {
    if (frame.type === 'message.new' || frame.type === 'message.replay') seq = Math.max(seq, frame.seq)
  })
  let line = await open()
  return {
    say: words => line.send({ ...words, room }),
    async comeBack() {
      line.cut()
      line = await open()
    },
    leave: () => line.cut(),
  }
}

/** The slope of a line through points, by least squares, and its standard error; in kilobytes a minute. */
function slope(samples, name) {
  const n = samples.length
  const mean = of => samples.reduce((sum, sample) => sum + of(sample), 0) / n
  const [x, y] = [mean(({ at }) => at), mean(sample => sample[name])]
  const spread = samples.reduce((sum, { at }) => sum + (at - x) ** 2, 0)
  const steepness = samples.reduce((sum, sample) => sum + (sample.at - x) * (sample[name] - y), 0) / spread
  const left = samples.reduce((sum, sample) => sum + (sample[name] - y - steepness * (sample.at - x)) ** 2, 0)
  const perMinute = 60_000 / 1024
  return { grows: steepness * perMinute, error: Math.sqrt(left / (n - 2) / spread) * perMinute }
}

/** What is open once everybody has left: HTTP clients keep their connections a few seconds longer. */
async function settledResources(server) {
  for (const end = performance.now() + 30_000; ;) {
    const { resources } = await server.measure()
    if (resources.sockets <= SOCKETS_LEFT || performance.now() > end) return resources
    await pause(500)
  }
}

async function main() {
  await prepare()
  const server = await startCandidate('lastra')
  const members = await inTurns(ROOMS * MEMBERS, n => member(server, n), 10)
  const began = performance.now()
  const until = began + Number(options.minutes) * 60_000
  const samples = []
  let said = 0
  let running = true

  const talking = (async () => {
    for (let due = began; running; due += 1000 / Number(options.rate)) {
      if (due > performance.now()) await pause(due - performance.now())
      await members[said++ * 7 % members.length].say(text(said))
    }
  })()
  const moving = (async () => {
    for (let n = 0; running; n += 13) {
      await members[n % members.length].comeBack()
      await pause(200)
    }
  })()
  while (performance.now() < until) {
    await pause(Math.min(EVERY_MS, Math.max(0, until - performance.now())))
    const { rss, heapUsed, external, resources, loopP99, cpuMs } = await server.measure()
    samples.push({ at: performance.now() - began, rss, heap: heapUsed + external, ...resources })
    if (samples.length % 6 === 0) console.error(`${Math.round(samples.at(-1).at / 1000)} s: ${said} said, ${(rss / 2 ** 20).toFixed(0)} MB resident, ${((heapUsed + external) / 2 ** 20).toFixed(1)} MB heap, ${JSON.stringify(resources)}, loop p99 ${loopP99.toFixed(1)} ms, ${(cpuMs / EVERY_MS * 100).toFixed(0)} % CPU`)
  }
  running = false
  await Promise.all([talking, moving])
  members.forEach(one => one.leave())
  closeIdle()
  const left = await settledResources(server)
  await server.stop()

  const settled = samples.filter(({ at }) => at >= Math.max(WARM_UP_MS, samples.at(-1).at / 3))
  const heap = slope(settled, 'heap')
  const resident = slope(settled, 'rss')
  const show = ({ grows, error }) => `${grows.toFixed(0)} ± ${(2 * error).toFixed(0)} KB a minute`
  console.log(`${said} messages, ${settled.length} looks: heap ${show(heap)} (at most ${FLAT_KB_PER_MINUTE} beyond the noise), resident ${show(resident)}; `
    + `timers ${settled[0].timers} → ${settled.at(-1).timers}, sockets ${settled[0].sockets} → ${settled.at(-1).sockets}, after all left ${JSON.stringify(left)}`)
  return heap.grows - 2 * heap.error <= FLAT_KB_PER_MINUTE && left.sockets <= SOCKETS_LEFT && left.timers <= samples[0].timers
}

if (pinned()) process.exit(await main() ? 0 : 1)
