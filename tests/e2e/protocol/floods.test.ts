import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, open, Refused } from '../../support/client'
import { ask, chat, openPoll } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { waitFor } from '../../support/wait'
import { LIMITS } from '#shared/protocol/limits'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ limits: 'default' })
})
afterAll(() => server?.stop())

test('[CON-10] refusing costs less than sending: a flood of nobody is cut off, and those who talk notice nothing', async () => {
  const room = unique('calm')
  const user = await createUser(server)
  const ann = await connect(server, { user })
  const bob = await connect(server, { user: await createUser(server, 'Bob') })
  await ann.join(room)
  await bob.join(room)
  const flooders = await Promise.all(Array.from({ length: 10 }, () => open(server)))
  for (const flooder of flooders) for (let n = 0; n < 20_000; n++) flooder.sendRaw('{"type":"ping"}')
  const { seq } = await ann.chat(room, 'still here')
  await bob.next('message.new', frame => frame.seq === seq)
  const endings = await Promise.all(flooders.map(flooder => flooder.closed))
  // Where what it sent was still on its way, the network's own end may come first, or the end of the time to say who one is.
  for (const { code } of endings) expect([4429, 1006, 4401]).toContain(code)
  expect(endings.map(({ code }) => code)).toContain(4429)
  expect(flooders.reduce((sum, flooder) => sum + flooder.frames.length, 0)).toBeLessThan(2 * LIMITS.floodRefusals)
  await expect(open(server)).rejects.toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
  // Who says who they are is let in meanwhile, and nobody again soon after.
  await (await connect(server, { user })).close()
  await (await waitFor(() => open(server).catch((error: unknown) => {
    if (error instanceof Refused) return undefined
    throw error
  }), { what: 'the end of the ban' })).close()
  await ann.close()
  await bob.close()
})

test('[CON-10] pings of the socket itself are counted as well', async () => {
  const client = await connect(server, { user: await createUser(server) })
  for (let n = 0; n < 20_000; n++) client.socket.ping()
  expect([4429, 1006]).toContain((await client.closed).code)
})

test('[CON-10] a limit on bytes, not only on frames: posts beyond it are refused as a whole, and not parsed', async () => {
  const user = await createUser(server)
  const { connection_id } = await openPoll(server, '', { as: user })
  // Not JSON at all: who parses it says so.
  const garbage = 'x'.repeat(1024 * 1024)
  const answers = []
  for (let n = 0; n < 8; n++) answers.push((await ask(server, 'POST', 'chat/frames', { as: user, text: garbage })).status)
  expect(answers[0]).toBe(400)
  expect(answers).toContain(429)
  const big = await ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id, frames: Array.from({ length: 64 }, (_, n) => chat('none', 'x'.repeat(48_000), `c${n}`)) } })
  expect([413, 429]).toContain(big.status)
  const other = await createUser(server, 'Other')
  const line = await openPoll(server, '', { as: other })
  const fine = await ask(server, 'POST', 'chat/frames', { as: other, body: { connection_id: line.connection_id, frames: [{ type: 'ping', id: 'p' }] } })
  expect(await fine.json()).toMatchObject({ frames: [{ type: 'ack', ref: 'p' }] })
})

test('[CON-11] 64 sockets of nobody keep no signed-in person of their address out', async () => {
  const sockets = await Promise.allSettled(Array.from({ length: 64 }, () => open(server)))
  const taken = sockets.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
  expect(taken).toHaveLength(32)
  const people = await Promise.all(Array.from({ length: 40 }, () => createUser(server)))
  const clients = await Promise.all(people.map((user, n) => connect(server, { user, transport: (['websocket', 'sse', 'polling'] as const)[n % 3] })))
  expect(clients).toHaveLength(40)
  await waitFor(() => taken.filter(socket => !socket.isOpen).length >= 8)
  expect((await taken.find(socket => !socket.isOpen)!.closed).code).toBe(4429)
  await Promise.all([...clients, ...taken.filter(socket => socket.isOpen)].map(client => client.close()))
})
