import { afterEach, expect, test } from 'vitest'
import type { ServerFrame } from '#shared/protocol/frames'
import { connect, open, TRANSPORTS } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { ServerOptions, TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { SseWire } from '../../support/sse-wire'
import { waitFor, within } from '../../support/wait'

const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

/** Clients that take turns in their transports, one connected after the other: the server says goodbye in that order. */
async function mixed(count: number, connectAs: (transport: typeof TRANSPORTS[number]) => Promise<Client>): Promise<Client[]> {
  const clients: Client[] = []
  while (clients.length < count) clients.push(await connectAs(TRANSPORTS[clients.length % TRANSPORTS.length] ?? 'websocket'))
  return clients
}

async function start(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options)
  servers.push(server)
  return server
}

test('[CON-7] SIGTERM tells everyone on every transport when to come back, closes with 1012, and exits with 0', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '2000' } })
  const clients = await mixed(42, transport => connect(server, { transport }))
  const unknown = await open(server)
  await Promise.all(clients.map(client => client.join('lobby')))
  const began = performance.now()
  server.kill('SIGTERM')
  const notices = await Promise.all(clients.map(async client => ({ wait: (await client.next('server.closing')).retry_in_ms, at: performance.now() })))
  const waits = notices.map(notice => notice.wait)
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000)
  expect(new Set(waits).size, 'spread, so that they do not all come back at once').toBeGreaterThan(10)
  const last = Math.max(...notices.map(notice => notice.at))
  expect(Math.min(...notices.map(({ at, wait }) => at + wait)), 'nobody comes back to the server that goes').toBeGreaterThan(last - 100)
  for (const client of [...clients, unknown]) expect((await client.closed).code).toBe(1012)
  const streams = clients.flatMap(({ wire }, n) => wire instanceof SseWire ? [{ wire, wait: waits[n] }] : [])
  expect(streams).toHaveLength(14)
  for (const { wire, wait } of streams) expect(wire.retries, 'retry: on the stream').toEqual([wait])
  const byTransport = TRANSPORTS.map((_, t) => notices.filter((_notice, n) => n % TRANSPORTS.length === t).map(({ at }) => at))
  for (const times of byTransport) expect(Math.max(...times) - Math.min(...times), 'spread over the drain').toBeGreaterThan(1_000)
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('[CON-7] while it drains, nobody new is taken', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '4000' } })
  const clients = await mixed(20, transport => connect(server, { transport }))
  const user = await createUser(server)
  server.kill('SIGTERM')
  await Promise.race(clients.map(client => client.next('server.closing')))
  await expect(open(server)).rejects.toThrow()
  for (const transport of ['sse', 'polling'] as const) await expect(open(server, { transport, token: user.token })).rejects.toMatchObject({ status: 503 })
  expect((await fetch(`${server.url}/`)).status, 'a page').toBe(503)
  await expect(createUser(server), 'a session').rejects.toThrow('503')
  await expect(fetch(`${server.url}/api/health`).then(response => response.ok || Promise.reject(new Error(String(response.status))))).rejects.toThrow()
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
})

test('[CON-7] every message acked before or during the drain is there after the restart, and what was done was answered', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '1500' } })
  const user = await createUser(server)
  const room = unique('drained')
  const writers = await mixed(9, transport => connect(server, { transport, user }))
  for (const writer of writers) await writer.join(room)
  const acked = new Map<number, string>()
  const write = async (client: Client, w: number): Promise<void> => {
    for (let n = 0; client.isOpen; n++) {
      const text = `${w}/${n}`
      const reply = await client.request({ type: 'chat', room, text, client_msg_id: text })
      if (reply.type === 'ack' && reply.seq) acked.set(reply.seq, text)
    }
  }
  const work = writers.map((client, w) => write(client, w).catch(() => undefined))
  await waitFor(() => acked.size > 100)
  server.kill('SIGTERM')
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
  await Promise.all(work)
  await Promise.all(writers.map(({ wire }) => wire.settled()))
  await server.restart()
  const reader = await connect(server, { user })
  const seen = new Map<number, string>()
  const { state } = await reader.join(room)
  for (let from = 0; from < state.head;) {
    const response = await fetch(`${server.url}/api/rooms/${room}/log?from_seq=${from}&limit=500`, { headers: { cookie: user.cookie } })
    const { entries } = await response.json() as { entries: { seq: number, content: { text: string } }[] }
    for (const entry of entries) seen.set(entry.seq, entry.content.text)
    from += entries.length
  }
  for (const [seq, text] of acked) expect(seen.get(seq)).toBe(text)
  const answered = new Set(writers.flatMap(writer => writer.all('ack').map(ack => ack.client_msg_id)))
  expect([...seen.values()].filter(text => !answered.has(text)), 'stored and never acked').toEqual([])
  expect([...seen.keys()]).toEqual(Array.from({ length: state.head }, (_, n) => n + 1))
})

test('[CON-7] a second SIGTERM changes nothing, and SIGINT drains too', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '1000' } })
  const client = await connect(server)
  server.kill('SIGTERM')
  server.kill('SIGTERM')
  expect((await client.closed).code).toBe(1012)
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
  await server.restart()
  const other = await connect(server)
  server.kill('SIGINT')
  expect((await other.closed).code).toBe(1012)
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
})

test('[CON-7] a server nobody is connected to ends at once', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '5000' } })
  const began = performance.now()
  server.kill('SIGTERM')
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
  expect(performance.now() - began).toBeLessThan(7_000)
})

test('[CON-7] a stalled client does not hold up the end', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '1000' } })
  const stalled = await mixed(3, transport => connect(server, { transport }))
  const writer = await connect(server)
  for (const client of [...stalled, writer]) await client.join('lobby')
  for (const client of stalled) client.pause(true)
  for (let n = 0; n < 40; n++) await writer.chat('lobby', 'x'.repeat(16_000))
  server.kill('SIGTERM')
  expect((await writer.closed).code).toBe(1012)
  expect(await within(server.exited(), 12_000, 'the exit')).toBe(0)
  for (const client of stalled) client.cut()
})

test('[CON-7] who comes by requests is told too, and is heard until then', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '2000' } })
  const user = await createUser(server)
  const ask = (method: string, path: string, body?: unknown): Promise<Response> => fetch(`${server.url}/api/chat/${path}`, {
    method,
    // Each request on a connection of its own, as through many proxies.
    headers: { 'authorization': `Bearer ${user.token}`, 'content-type': 'application/json', 'connection': 'close' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  /** Polls until the server has ended the connection. */
  const pollToTheEnd = async (connection_id: string): Promise<ServerFrame[]> => {
    const got: ServerFrame[] = []
    for (let after = 0; got.at(-1)?.type !== 'connection.closed';) {
      const { frames, next } = await (await ask('GET', `poll?connection_id=${connection_id}&after=${after}&wait_ms=20000`)).json() as { frames: ServerFrame[], next: number }
      got.push(...frames)
      after = next
    }
    return got
  }
  const ids = await Promise.all(Array.from({ length: 4 }, async () => (await (await ask('POST', 'poll')).json() as { connection_id: string }).connection_id))
  const polled = ids.map(pollToTheEnd)
  server.kill('SIGTERM')
  // The goodbyes take their time: the last one is still here when the first has gone.
  await Promise.race(polled)
  const answer = await ask('POST', 'frames', { connection_id: ids.at(-1), frames: [{ type: 'ping', id: 'still here' }] })
  expect(await answer.json()).toMatchObject({ frames: [{ type: 'ack', ref: 'still here' }] })
  expect((await ask('POST', 'poll')).status).toBe(503)
  for (const frames of await Promise.all(polled)) {
    expect(frames.slice(-2)).toMatchObject([{ type: 'server.closing', retry_in_ms: expect.any(Number) }, { type: 'connection.closed', code: 1012 }])
  }
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
})
