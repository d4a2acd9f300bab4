import { cpus, totalmem } from 'node:os'
import { ROOMY, guest, openLine } from './lines.mjs'
import { composer, person, residentBytes, startChromium, startProduct } from './product.mjs'
import { startRelay } from './relay.mjs'
import { pause, quantile } from './figures.mjs'

const TRANSPORTS = ['websocket', 'sse', 'polling']
const CLIENTS = 1000
const MISSED = 50
const SENT = 200
const CUTS = 10
const READERS = 50
const STALLED = 5

const chat = (room, text) => ({ type: 'chat', room, text, client_msg_id: crypto.randomUUID() })
const inBatches = async (count, size, make) => {
  const made = []
  while (made.length < count) made.push(...await Promise.all(Array.from({ length: Math.min(size, count - made.length) }, (_, n) => make(made.length + n))))
  return made
}

/** From a send to its receipt by another client on the same transport, one message at a time, in milliseconds. */
async function sendToReceipt(url, transport, run) {
  const room = `receipt-${transport}-${run}`
  const [ann, bob] = await Promise.all([guest(url, 'Ann'), guest(url, 'Bob')])
  let arrived
  const reader = await openLine(transport, url, bob, { room }, frame => frame.type === 'message.new' && arrived?.())
  const writer = await openLine(transport, url, ann, { room }, () => {})
  await pause(300)
  const delays = []
  for (let n = 0; n < SENT; n++) {
    const began = performance.now()
    const there = new Promise(resolve => arrived = resolve)
    void writer.send(chat(room, `probe ${n} ${'x'.repeat(180)}`))
    await there
    delays.push(performance.now() - began)
    await pause(5)
  }
  writer.cut()
  reader.cut()
  return delays
}

/**
 * Many clients lose their connection in the same moment, miss messages, and all come back at once with a client's own first
 * delay, up to half a second. Gives when each had everything again, and the server's memory with all of them idle.
 */
async function comeBack(transport) {
  const server = await startProduct(ROOMY)
  const rooms = Array.from({ length: CLIENTS / 50 }, (_, n) => `storm-${n}`)
  const tokens = await inBatches(CLIENTS, 50, n => guest(server.url, `Guest ${n}`))
  const heads = rooms.map(() => 0)
  const idle = residentBytes(server.pid)
  let lines = await inBatches(CLIENTS, 50, n => openLine(transport, server.url, tokens[n], { room: rooms[n % rooms.length] }, () => {}))
  await pause(5000)
  const perLine = (residentBytes(server.pid) - idle) / CLIENTS
  lines.forEach(line => line.cut())
  const writer = await guest(server.url, 'Writer')
  for (const [n, room] of rooms.entries()) {
    const line = await openLine('websocket', server.url, writer, { room }, frame => frame.type === 'message.new' && (heads[n] = frame.seq))
    for (let i = 0; i < MISSED; i++) line.send(chat(room, `missed ${i} ${'x'.repeat(180)}`))
    while (heads[n] < MISSED) await pause(10)
    line.cut()
  }
  const began = performance.now()
  const back = await Promise.all(tokens.map(async (token, n) => {
    await pause(Math.random() * 500)
    let last = 0
    let done
    const whole = new Promise(resolve => done = resolve)
    const line = await openLine(transport, server.url, token, { room: rooms[n % rooms.length], from_seq: 0 }, (frame) => {
      if (frame.type === 'message.replay' && frame.seq === last + 1) last = frame.seq
      if (frame.type === 'replay.end') done(last)
    })
    if (await whole !== MISSED) throw new Error(`a client came back with ${last} of ${MISSED}`)
    const at = performance.now() - began
    return { line, at }
  }))
  lines = back.map(({ line }) => line)
  lines.forEach(line => line.cut())
  await server.stop()
  return { times: back.map(({ at }) => at), perLine }
}

/** What readers of a room wait for 16 KB messages at 50 a second, with some of them no longer reading: p99 in milliseconds. */
async function besideStalled(url, stalled) {
  const room = `stalled-${crypto.randomUUID().slice(0, 8)}`
  /** @type {number[]} */
  const sent = []
  /** @type {number[]} */
  const delays = []
  const tokens = await inBatches(READERS, 25, n => guest(url, `Reader ${n}`))
  const readers = await Promise.all(tokens.map(token => openLine('websocket', url, token, { room }, (frame) => {
    if (frame.type === 'message.new') delays.push(performance.now() - sent[frame.seq])
  })))
  readers.slice(0, stalled).forEach(line => line.stall?.())
  const writer = await openLine('websocket', url, await guest(url, 'Writer'), { room }, () => {})
  await pause(300)
  for (let seq = 1; seq <= 400; seq++) {
    sent[seq] = performance.now()
    writer.send(chat(room, 'x'.repeat(16_000)))
    await pause(20)
  }
  await pause(500)
  for (const line of [...readers, writer]) line.cut()
  return quantile(delays, 0.99)
}

/** From the network's return, after five seconds without it, to the last of the messages missed meanwhile on the page, in milliseconds. */
async function resumeInPage(browser, url, transport) {
  const room = `cut-${transport}`
  const relay = await startRelay(url)
  const { context, page } = await person(browser, relay.url, 'Ann')
  await page.addInitScript(() => {
    globalThis.seen = {}
    addEventListener('online', () => globalThis.online = performance.now())
    addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
      const at = performance.now()
      for (const [, n] of document.body.textContent.matchAll(/last of round (\d+)\./g)) globalThis.seen[n] ??= at
    }).observe(document.body, { childList: true, subtree: true, characterData: true }))
  })
  await page.goto(`/r/${room}?transport=${transport}`)
  await composer(page).waitFor()
  const writer = await openLine('websocket', url, await guest(url, 'Writer'), { room }, () => {})
  const times = []
  for (let round = 0; round < CUTS; round++) {
    await page.getByRole('button', { name: /^Connection: Live/ }).waitFor()
    await pause(500)
    relay.cut()
    await context.setOffline(true)
    for (let n = 1; n < MISSED; n++) writer.send(chat(room, `missed ${n} of round ${round}`))
    writer.send(chat(room, `last of round ${round}.`))
    await pause(5000)
    relay.heal()
    await context.setOffline(false)
    times.push(await page.waitForFunction(round => globalThis.seen[round] && globalThis.seen[round] - globalThis.online, round).then(handle => handle.jsonValue()))
  }
  writer.cut()
  await context.close()
  relay.close()
  return times
}

const ms = value => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const rows = []
const row = (...cells) => {
  rows.push(cells)
  console.error(cells.join(': '))
}

const server = await startProduct(ROOMY)
const delays = { websocket: [], sse: [], polling: [] }
for (let run = 0; run < 3; run++) {
  for (const transport of TRANSPORTS) delays[transport].push(...await sendToReceipt(server.url, transport, run))
}
/** @type {Record<'with' | 'without', number[]>} */
const p99 = { with: [], without: [] }
for (let run = 0; run < 3; run++) {
  p99.without.push(await besideStalled(server.url, 0))
  p99.with.push(await besideStalled(server.url, STALLED))
}
const browser = await startChromium()
const resumed = {}
for (const transport of TRANSPORTS) resumed[transport] = await resumeInPage(browser, server.url, transport)
await browser.close()
await server.stop()
const p95 = Object.fromEntries(TRANSPORTS.map(transport => [transport, quantile(delays[transport], 0.95)]))
row('Send to receipt over WebSocket', 'noted', `p50 ${ms(quantile(delays.websocket, 0.5))}, p95 ${ms(p95.websocket)}`)
row('Send to receipt over SSE', 'p95 ≤ 1.5 × WebSocket', `p50 ${ms(quantile(delays.sse, 0.5))}, p95 ${ms(p95.sse)}, ${(p95.sse / p95.websocket).toFixed(2)} ×`)
row('Send to receipt over polling', 'p95 ≤ 300 ms', `p50 ${ms(quantile(delays.polling, 0.5))}, p95 ${ms(p95.polling)}`)
for (const transport of TRANSPORTS) {
  row(`Network back after 5 s to ${MISSED} missed messages on the page, over ${transport}, ${CUTS} cuts`, 'p95 ≤ 300 ms', `p50 ${ms(quantile(resumed[transport], 0.5))}, slowest ${ms(Math.max(...resumed[transport]))}`)
}
const [beside, alone] = [quantile(p99.with, 0.5), quantile(p99.without, 0.5)]
row(`Receipt by ${READERS} readers of 16 KB messages, ${STALLED} of them stalled, medians of 3 runs`, 'p99 ≤ 1.5 × none stalled', `p99 ${ms(beside)}, ${ms(alone)} with none stalled: ${(beside / alone).toFixed(2)} ×`)
for (const transport of TRANSPORTS) {
  const { times, perLine } = await comeBack(transport)
  row(`${CLIENTS.toLocaleString('en')} clients come back at once over ${transport}, ${MISSED} messages missed by each`, 'all within 10 s', `p50 ${ms(quantile(times, 0.5))}, all within ${ms(Math.max(...times))}; ${(perLine / 1024).toFixed(0)} KB of server memory a connection before`)
}

console.log(`| figure | target | measured |\n|---|---|---|\n${rows.map(cells => `| ${cells.join(' | ')} |`).join('\n')}`)
console.log(`\nOn ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB; Node ${process.versions.node}.`)
