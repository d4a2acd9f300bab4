import { createHistogram } from 'node:perf_hooks'
import { pause } from '../scripts/figures.mjs'

const TEXT_BYTES = 200
const MARK = '@'.charCodeAt(0)
const OPENING = 50
/** What has not come after so long without anything coming is lost. */
const LOST_MS = 3000

/** A text that carries a moment, in microseconds. */
export function textAt(us, bytes = TEXT_BYTES) {
  return `@${String(us).padStart(15, '0')}@`.padEnd(bytes, 'x')
}

/** The moment a text carries, out of the bytes of whatever frame it came in. */
function momentIn(payload) {
  const at = payload.indexOf(MARK)
  return Number(payload.toString('latin1', at + 1, at + 16))
}

const nowUs = () => Math.round(performance.now() * 1000)

/** Runs many of something, a few at a time. */
export async function inTurns(count, make, atOnce = OPENING) {
  const made = []
  while (made.length < count) made.push(...await Promise.all(Array.from({ length: Math.min(atOnce, count - made.length) }, (_, n) => make(made.length + n))))
  return made
}

function percentiles(histogram) {
  return { p50: histogram.percentile(50) / 1000, p99: histogram.percentile(99) / 1000, p999: histogram.percentile(99.9) / 1000 }
}

/**
 * As much as the server can carry: in each room some writers, each with a few messages on their way, the next when one has come back.
 *
 * @returns {Promise<{ perCpuSecond: number, perSecond: number, loopP99: number }>} deliveries
 */
export async function saturate(server, { rooms, members, writers, window, seconds }) {
  let delivered = 0
  const clients = await inTurns(rooms * members, async (n) => {
    const writes = n % members < writers
    const client = await server.join(`room-${Math.floor(n / members)}`, (payload) => {
      delivered++
      if (writes && momentIn(payload) === n) client.chat(textAt(n))
    })
    return client
  })
  await pause(500)
  clients.forEach((client, n) => {
    if (n % members < writers) for (let i = 0; i < window; i++) client.chat(textAt(n))
  })
  await pause(1500)
  await server.measure()
  const [before, began] = [delivered, performance.now()]
  await pause(seconds * 1000)
  const { cpuMs, loopP99 } = await server.measure()
  const count = delivered - before
  if (count === 0) throw new Error('nothing was delivered')
  clients.forEach(client => client.cut())
  return { perCpuSecond: count / cpuMs * 1000, perSecond: count / (performance.now() - began) * 1000, loopP99 }
}

/**
 * A steady number of messages a second, whatever the server makes of it: times count from when a message was due, so that a server
 * that stops the load from sending is not forgiven for it (no coordinated omission).
 *
 * @returns {Promise<{ p50: number, p99: number, p999: number, cpuPerDeliveryUs: number, lost: number, loopP99: number }>} milliseconds
 */
export async function steady(server, { members, perSecond, seconds, stalled = 0 }) {
  const histogram = createHistogram()
  const readers = members - stalled
  let delivered = 0
  let counting = false
  const clients = await inTurns(members, n => server.join('steady', (payload) => {
    delivered++
    // One in ten is timed: the load must not become what is measured.
    if (counting && n % 10 === 0) histogram.record(Math.max(1, nowUs() - momentIn(payload)))
  }))
  clients.slice(readers).forEach(client => client.stall())
  await pause(500)
  /** Says so many messages, and waits until all have them, or until nothing more seems to come. */
  const send = async (count) => {
    delivered = 0
    const began = nowUs()
    for (let n = 0; n < count; n++) {
      const due = began + n * 1e6 / perSecond
      const wait = (due - nowUs()) / 1000
      if (wait > 0) await pause(wait)
      clients[n % 4].chat(textAt(Math.round(due)))
    }
    for (let before = -1, since = nowUs(); delivered < count * readers && nowUs() - since < LOST_MS * 1000;) {
      if (delivered !== before) [before, since] = [delivered, nowUs()]
      await pause(20)
    }
  }
  await send(perSecond)
  await server.measure()
  counting = true
  await send(perSecond * seconds)
  const { cpuMs, loopP99 } = await server.measure()
  clients.forEach(client => client.cut())
  if (delivered === 0) throw new Error('nothing was delivered')
  return { ...percentiles(histogram), cpuPerDeliveryUs: cpuMs * 1000 / delivered, lost: Math.max(0, perSecond * seconds * readers - delivered), loopP99 }
}

/**
 * Much is said to some who read nothing: what the server keeps for each of them. The first megabytes stand in the kernel's buffers.
 *
 * @returns {Promise<{ perStalled: number }>} bytes of heap and buffers
 */
export async function held(server, { stalled, megabytes }) {
  const bytes = 16_000
  let heard = () => {}
  const writer = await server.join('held', () => heard())
  const say = (count, window) => new Promise((resolve) => {
    let [left, back] = [count - window, 0]
    heard = () => {
      if (left-- > 0) writer.chat(textAt(0, bytes))
      if (++back === count) resolve(undefined)
    }
    for (let n = 0; n < window; n++) writer.chat(textAt(0, bytes))
  })
  const clients = await inTurns(stalled, () => server.join('held', () => {}))
  // What a server remembers of a room is not the price of those who stall.
  await say(300, 8)
  clients.forEach(client => client.stall())
  const before = await server.measure()
  await say(Math.round(megabytes * 1e6 / bytes), 8)
  await pause(500)
  const after = await server.measure()
  for (const client of [writer, ...clients]) client.cut()
  return { perStalled: Math.max(0, after.heapUsed + after.external - before.heapUsed - before.external) / stalled }
}

/** Connections that say nothing. @returns {Promise<{ perConnection: number, heapPerConnection?: number }>} bytes of resident memory, and of Node's heap and buffers */
export async function idle(server, { connections, perRoom = 10 }) {
  // What a first connection makes the server load is not the price of the others.
  const warm = await inTurns(100, () => server.join('warm', () => {}))
  warm.forEach(client => client.cut())
  await pause(1500)
  const before = await server.measure()
  const clients = await inTurns(connections, n => server.join(`room-${Math.floor(n / perRoom)}`, () => {}))
  await pause(1500)
  const after = await server.measure()
  clients.forEach(client => client.cut())
  return {
    perConnection: (after.rss - before.rss) / connections,
    ...(after.heapUsed !== undefined && { heapPerConnection: (after.heapUsed + after.external - before.heapUsed - before.external) / connections }),
  }
}

/**
 * Everybody's line is cut, some messages are said, and all come back at once, spread over half a second.
 *
 * @returns {Promise<{ p50: number, all: number }>} milliseconds until a client had what it missed
 */
export async function storm(server, { clients, missed }) {
  const rooms = 10
  const perRoom = clients / rooms
  const writers = await inTurns(rooms, n => server.join(`room-${n}`, () => {}))
  const there = await inTurns(clients, n => server.join(`room-${Math.floor(n / perRoom)}`, () => {}))
  for (const writer of writers) await writer.said(textAt(0))
  await pause(500)
  const from = there.map(client => client.resumption())
  there.forEach(client => client.cut())
  await pause(500)
  for (const writer of writers) for (let n = 0; n < missed; n++) await writer.said(textAt(n + 1))
  const began = performance.now()
  const back = await Promise.all(from.map(async (resumption, n) => {
    await pause(500 * n / clients)
    let got = 0
    let whole
    const complete = new Promise(resolve => whole = () => resolve(undefined))
    const client = await server.join(`room-${Math.floor(n / perRoom)}`, () => {
      if (++got === missed) whole()
    }, resumption)
    if (missed > 0) await complete
    const at = performance.now() - began
    return { client, at }
  }))
  const times = back.map(({ at }) => at).sort((a, b) => a - b)
  back.forEach(({ client }) => client.cut())
  writers.forEach(client => client.cut())
  return { p50: times[times.length >> 1], all: Number(times.at(-1)) }
}

/**
 * Writers who wait for each acknowledgement before the next word, each in a room of its own unless told otherwise.
 *
 * @returns {Promise<{ perSecond: number, perCpuSecond: number }>}
 */
export async function write(server, { writers, window, seconds, roomOf = n => `room-${n}` }) {
  let acked = 0
  let running = true
  const clients = await inTurns(writers, n => server.join(roomOf(n), () => {}))
  const loops = clients.flatMap(client => Array.from({ length: window }, async () => {
    while (running) {
      await client.said(textAt(1))
      acked++
    }
  }))
  await pause(1500)
  await server.measure()
  const [before, began] = [acked, performance.now()]
  await pause(seconds * 1000)
  const { cpuMs } = await server.measure()
  const count = acked - before
  const passed = performance.now() - began
  running = false
  await Promise.all(loops)
  clients.forEach(client => client.cut())
  return { perSecond: count / passed * 1000, perCpuSecond: count / cpuMs * 1000 }
}
