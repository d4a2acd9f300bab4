import { cpus, totalmem } from 'node:os'
import { WebSocket } from 'ws'
import { pause, quantile } from './figures.mjs'
import { pageScript } from './page-script.mjs'
import { composer, joinCall, person, residentBytes, startChromium, startProduct, until } from './product.mjs'

const MESSAGES = 100
const JOINS = 9
const IDLE = 1000

const ms = value => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const kb = bytes => `${(bytes / 1024).toFixed(0)} KB`

/** From the Enter key in one page to the text on the other's: both clocks are the machine's. */
async function sendToReceipt(browser, url) {
  const ann = await person(browser, url, 'Ann')
  const bob = await person(browser, url, 'Bob')
  await ann.page.addInitScript(() => {
    globalThis.sent = []
    addEventListener('keydown', event => event.key === 'Enter' && globalThis.sent.push(performance.timeOrigin + performance.now()), true)
  })
  await bob.page.addInitScript(() => {
    globalThis.seen = {}
    addEventListener('DOMContentLoaded', () => new MutationObserver((changes) => {
      const at = performance.timeOrigin + performance.now()
      for (const change of changes) {
        for (const [, n] of (change.target.textContent ?? '').matchAll(/probe-(\d+)\./g)) globalThis.seen[n] ??= at
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true }))
  })
  for (const { page } of [ann, bob]) {
    await page.goto('/r/measured')
    await composer(page).waitFor()
  }
  for (let n = 0; n < MESSAGES; n++) {
    await composer(ann.page).fill(`probe-${n}.`)
    await composer(ann.page).press('Enter')
    await bob.page.waitForFunction(n => globalThis.seen[n] !== undefined, n)
    // Below the limit of messages a second.
    await pause(100)
  }
  const sent = await ann.page.evaluate(() => globalThis.sent)
  const seen = await bob.page.evaluate(() => globalThis.seen)
  await Promise.all([ann.context.close(), bob.context.close()])
  return sent.map((at, n) => seen[n] - at)
}

/** Bytes of JavaScript a room's page takes over the network until one can write, call not started. */
async function roomScript(browser, url) {
  const { context, page } = await person(browser, url, 'Cleo')
  const script = await pageScript(page, async () => {
    await page.goto('/r/measured')
    await composer(page).waitFor()
  })
  await context.close()
  return script
}

/** From the click on "Join now" to the first picture of the other that was decoded. */
async function joinToPicture(browser, url) {
  const host = await person(browser, url, 'Host')
  await host.page.goto('/r/called')
  await joinCall(host.page)
  const times = []
  for (let n = 0; n < JOINS; n++) {
    const guest = await person(browser, url, `Guest ${n + 1}`)
    await guest.page.addInitScript(() => {
      const connections = []
      globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
        construct(target, args) {
          const connection = new target(...args)
          connections.push(connection)
          return connection
        },
      })
      const hasPicture = async () => {
        for (const connection of connections) {
          for (const report of (await connection.getStats()).values()) {
            if (report.type === 'inbound-rtp' && report.kind === 'video' && report.framesDecoded > 0) return true
          }
        }
        return false
      }
      addEventListener('click', async (event) => {
        if (!/^Join now/.test(event.target.closest('button')?.textContent.trim() ?? '')) return
        const began = performance.now()
        while (!await hasPicture()) await new Promise(resolve => setTimeout(resolve, 10))
        globalThis.firstPicture = performance.now() - began
      }, true)
    })
    await guest.page.goto('/r/called')
    await joinCall(guest.page)
    times.push(await guest.page.waitForFunction(() => globalThis.firstPicture).then(handle => handle.jsonValue()))
    await guest.context.close()
    await until(async () => await host.page.getByRole('article', { name: `Guest ${n + 1}` }).count() === 0, 'the guest\'s tile to go', 90_000)
  }
  await host.context.close()
  return times
}

/** The server's memory before and with many connections that are signed in, in rooms of ten, and silent. */
async function idleConnections() {
  const server = await startProduct({
    NUXT_LIMITS_CONNECTIONS_PER_ADDRESS: '100000',
    NUXT_LIMITS_CONNECTIONS_PER_USER: '100000',
    NUXT_LIMITS_SESSIONS_PER_MINUTE: '100000',
    NUXT_LIMITS_ROOMS_PER_MINUTE: '100000',
  })
  const open = n => new Promise((resolve, reject) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/chat.ws`)
    socket.once('open', () => {
      socket.send(JSON.stringify({ type: 'auth', userName: `Guest ${n}` }))
      socket.send(JSON.stringify({ type: 'join', room: `idle-${Math.floor(n / 10)}` }))
    })
    socket.once('error', reject)
    socket.on('message', data => String(data).includes('"replay.end"') && resolve(socket))
  })
  // One group first, so that what is loaded and compiled once is not counted for each.
  const sockets = await Promise.all(Array.from({ length: 50 }, (_, n) => open(n)))
  await pause(5000)
  const before = residentBytes(server.pid)
  while (sockets.length < IDLE + 50) sockets.push(...await Promise.all(Array.from({ length: 50 }, (_, n) => open(sockets.length + n))))
  await pause(15_000)
  const after = residentBytes(server.pid)
  const alive = sockets.filter(socket => socket.readyState === WebSocket.OPEN).length
  sockets.forEach(socket => socket.terminate())
  await server.stop()
  if (alive !== IDLE + 50) throw new Error(`only ${alive} connections were left`)
  return { before, after }
}

const browser = await startChromium()
const server = await startProduct()
const rows = []
const row = (figure, target, measured) => {
  rows.push([figure, target, measured])
  console.error(`${figure}: ${measured}`)
}

const delays = await sendToReceipt(browser, server.url)
row(`Send to receipt, Enter in one browser to text in another, ${MESSAGES} messages`, 'p95 ≤ 50 ms', `p50 ${ms(quantile(delays, 0.5))}, p95 ${ms(quantile(delays, 0.95))}`)
const script = await roomScript(browser, server.url)
row('JavaScript of a room\'s page before a call, compressed', '≤ 220 KB', `${kb(script.compressed)} in ${script.files} files (served: ${script.encodings}, ${kb(script.wire)} on the wire)`)
const joins = await joinToPicture(browser, server.url)
row(`Join to first decoded remote picture, ${JOINS} joins`, 'median ≤ 2 s', `median ${ms(quantile(joins, 0.5))}, slowest ${ms(Math.max(...joins))}`)
const version = browser.version()
await browser.close()
await server.stop()
const memory = await idleConnections()
row(`Server memory with ${IDLE.toLocaleString('en')} idle connections`, 'noted', `${kb(memory.after)} resident, ${((memory.after - memory.before) / 1024 / IDLE).toFixed(1)} KB a connection`)

console.log(`| figure | target | measured |\n|---|---|---|\n${rows.map(cells => `| ${cells.join(' | ')} |`).join('\n')}`)
console.log(`\nOn ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GB; Node ${process.versions.node}, Chromium ${version}.`)
