import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../support/client'
import { ask, connectionCount } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'

const RECONNECTS = 10_000
const AT_ONCE = 24
/** How often the process is looked at: what grows with every reconnect shows as a slope, what is a level does not. */
const LOOKS = 5

/** What a server's process holds, garbage collected. */
interface Figures {
  heapUsed: number
  external: number
  arrayBuffers: number
  resources: Record<string, number>
  listeners: number
}

let server: TestServer
let users: TestUser[]
const room = unique('reconnects')

beforeAll(async () => {
  server = await startServer({ env: { NODE_OPTIONS: `--import=${fileURLToPath(new URL('../../support/figures.mjs', import.meta.url))}` } })
  users = await Promise.all(Array.from({ length: 20 }, (_, n) => createUser(server, `Commuter ${n}`)))
})
afterAll(() => server?.stop())

/** Asks the process for its figures, once nothing is open any more. */
async function figures(): Promise<Figures> {
  await waitFor(async () => await connectionCount(server) === 0, { what: 'every connection to be gone' })
  // The places people had in the room are kept for 10 s, lest a reload shows.
  await waitFor(async () => (await (await ask(server, 'GET', `rooms/${room}`, { as: users[0] })).json() as { people: number }).people === 0, { timeout: 20_000, interval: 250, what: 'an empty room' })
  const count = (): number => server.log().split('figures {').length
  const before = count()
  server.kill('SIGUSR2')
  await waitFor(() => count() > before)
  const line = await waitFor(() => /figures (\{.*\})\n[^]*?$/.exec(server.log().slice(server.log().lastIndexOf('figures {')))?.[1])
  return JSON.parse(line) as Figures
}

/** Opens a stream on a connection of its own and resets it: after its first bytes, or before they came. */
function reconnect(n: number): Promise<void> {
  const user = users[n % users.length] as TestUser
  return new Promise((resolve) => {
    const stream = request(`${server.url}/api/chat/stream?room=${room}&from_seq=0&peer_key=tab-of-commuter-${n % users.length}`, {
      agent: false,
      headers: { authorization: `Bearer ${user.token}` },
    }, (response) => {
      response.on('error', () => undefined)
      response.once('data', () => stream.destroy())
    })
    stream.on('error', () => undefined)
    stream.once('close', () => resolve())
    stream.end()
    if (n % 10 === 9) stream.once('socket', socket => socket.once('connect', () => setImmediate(() => stream.destroy())))
  })
}

async function reconnectTimes(count: number): Promise<void> {
  let n = 0
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (n < count) await reconnect(n++)
  }))
}

/** The median slope between any two looks (Theil and Sen): one level that shifts once does not move it. */
function slope(looks: readonly (Figures & { at: number })[], of: (look: Figures) => number): number {
  const slopes = looks.flatMap((a, n) => looks.slice(n + 1).map(b => (of(b) - of(a)) / (b.at - a.at))).sort((a, b) => a - b)
  return slopes[Math.floor(slopes.length / 2)]!
}

test(`[SSE-1] ${RECONNECTS} reconnects of a stream leave no listener, no timer and no buffer behind`, { timeout: 240_000 }, async () => {
  const host = await connect(server)
  await host.join(room)
  for (let n = 0; n < 20; n++) await host.chat(room, `message ${n}`)
  await host.close()
  // What is loaded and compiled once is no leak.
  await reconnectTimes(1_000)
  const looks = [{ at: 0, ...await figures() }]
  for (let look = 1; look <= LOOKS; look++) {
    await reconnectTimes(RECONNECTS / LOOKS)
    looks.push({ at: look * RECONNECTS / LOOKS, ...await figures() })
  }
  const [before, after] = [looks[0]!, looks.at(-1)!]
  console.log(looks.map(look => JSON.stringify(look)).join('\n'))
  // The least that can stay of a stream is far more: its request and response, or one chunk it had not taken.
  expect(slope(looks, ({ heapUsed }) => heapUsed), 'bytes of the heap a reconnect').toBeLessThan(200)
  expect(slope(looks, ({ external, arrayBuffers }) => external + arrayBuffers), 'bytes of buffers a reconnect').toBeLessThan(500)
  expect(after.resources.Timeout ?? 0, 'timers').toBeLessThanOrEqual((before.resources.Timeout ?? 0) + 2)
  expect(after.resources.TCPSocketWrap ?? 0, 'sockets').toBeLessThanOrEqual((before.resources.TCPSocketWrap ?? 0) + 2)
  expect(after.listeners, 'listeners').toBeLessThanOrEqual(before.listeners + 40)
  expect(server.log()).not.toContain('MaxListenersExceededWarning')
})
