import { afterEach, expect, test } from 'vitest'
import { connect, open } from '../../support/client'
import type { Client } from '../../support/client'
import { startServer } from '../../support/server'
import type { ServerOptions, TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { waitFor, within } from '../../support/wait'

const servers: TestServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()))
})

async function start(options: ServerOptions = {}): Promise<TestServer> {
  const server = await startServer(options)
  servers.push(server)
  return server
}

test('[CON-7] SIGTERM tells everyone when to come back, closes with 1012, and exits with 0', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '2000' } })
  const clients = await Promise.all(Array.from({ length: 40 }, () => connect(server)))
  const unknown = await open(server)
  await Promise.all(clients.map(client => client.join('lobby')))
  const began = performance.now()
  server.kill('SIGTERM')
  const notices = await Promise.all(clients.map(client => client.next('server.closing')))
  const waits = notices.map(notice => notice.retry_in_ms)
  expect(Math.max(...waits)).toBeLessThanOrEqual(10_000)
  expect(new Set(waits).size, 'spread, so that they do not all come back at once').toBeGreaterThan(10)
  for (const client of [...clients, unknown]) expect((await client.closed).code).toBe(1012)
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
  expect(performance.now() - began).toBeLessThan(10_000)
})

test('[CON-7] while it drains, nobody new is taken', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '4000' } })
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(server)))
  server.kill('SIGTERM')
  await Promise.race(clients.map(client => client.next('server.closing')))
  await expect(open(server)).rejects.toThrow()
  await expect(fetch(`${server.url}/api/health`).then(response => response.ok || Promise.reject(new Error(String(response.status))))).rejects.toThrow()
  expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
})

test('[CON-7] every message acked before or during the drain is there after the restart', async () => {
  const server = await start({ env: { NUXT_DRAIN_MS: '1500' } })
  const user = await createUser(server)
  const room = unique('drained')
  const writers = await Promise.all(Array.from({ length: 8 }, () => connect(server, { user })))
  for (const writer of writers) await writer.join(room)
  const acked = new Map<number, string>()
  const write = async (client: Client, w: number): Promise<void> => {
    for (let n = 0; client.socket.readyState === client.socket.OPEN; n++) {
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
  const stalled = await connect(server)
  const writer = await connect(server)
  await stalled.join('lobby')
  await writer.join('lobby')
  stalled.socket.pause()
  for (let n = 0; n < 40; n++) await writer.chat('lobby', 'x'.repeat(16_000))
  server.kill('SIGTERM')
  expect((await writer.closed).code).toBe(1012)
  expect(await within(server.exited(), 12_000, 'the exit')).toBe(0)
  stalled.socket.terminate()
})
