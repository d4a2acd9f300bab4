import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../support/client'
import { ask, chat, connectionCount, openPoll } from '../../support/lines'
import type { Polled } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import type { TestUser } from '../../support/session'
import { waitFor } from '../../support/wait'

let server: TestServer
let user: TestUser

beforeAll(async () => {
  server = await startServer()
  user = await createUser(server)
})
afterAll(() => server?.stop())

async function poll(connection_id: string, after: number, wait_ms = 0, signal?: AbortSignal): Promise<Polled> {
  const response = await ask(server, 'GET', `chat/poll?connection_id=${connection_id}&after=${after}&wait_ms=${wait_ms}`, { as: user, signal })
  if (!response.ok) throw new Error(`poll: ${response.status}`)
  return await response.json() as Polled
}

/** A connection that has joined its rooms, and the number to go on from. */
async function joined(room: string): Promise<{ id: string, next: number }> {
  const { connection_id: id } = await openPoll(server, `room=${room}`, { as: user })
  const { next } = await waitFor(async () => {
    const polled = await poll(id, 0)
    return polled.frames.at(-1)?.type === 'replay.end' ? polled : undefined
  })
  return { id, next }
}

function post(connection_id: string, frames: unknown[]): Promise<Response> {
  return ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id, frames } })
}

test('[POL-1] a newer poll answers the one that waits, and gets what comes', async () => {
  const room = unique('newer')
  const { id, next } = await joined(room)
  const older = poll(id, next, 25_000)
  const idle = await poll(id, next, 50)
  expect(idle).toEqual({ frames: [], next })
  expect(await older).toEqual({ frames: [], next })
  const newer = poll(id, next, 25_000)
  await post(id, [chat(room, 'for the newer')])
  expect(await newer).toMatchObject({ frames: [{ type: 'message.new', seq: 1 }], next: next + 1 })
})

test('[POL-1] what a cut poll carried is given again, and what was acknowledged never', async () => {
  const room = unique('cut')
  const { id, next } = await joined(room)
  const gone = new AbortController()
  const cut = poll(id, next, 25_000, gone.signal).catch(() => 'cut')
  await post(id, [chat(room, 'one')])
  gone.abort()
  await cut
  await post(id, [chat(room, 'two')])
  const again = await poll(id, next)
  expect(again.frames.map(frame => 'seq' in frame && frame.seq)).toEqual([1, 2])
  expect(await poll(id, next)).toEqual(again)
  expect(await poll(id, next + 1), 'half of it').toMatchObject({ frames: [{ seq: 2 }], next: next + 2 })
  expect(await poll(id, again.next)).toEqual({ frames: [], next: again.next })
  await expect(poll(id, next)).rejects.toThrow('409')
  await expect(poll(id, again.next + 1)).rejects.toThrow('409')
})

test.each(['after=-1', 'after=x', 'after=1.5', 'wait_ms=25001', 'wait_ms=-1', 'wait_ms=x', 'connection_id=d'])('[POL-1] a poll with %s is 400', async (query) => {
  const response = await ask(server, 'GET', `chat/poll?connection_id=c&${query}`, { as: user })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'bad_frame' })
})

test('[POL-1] [CON-5] the last frames of a connection the server closed are there to be fetched, until they are acknowledged', async () => {
  const room = unique('last')
  const { id, next } = await joined(room)
  await post(id, [chat(room, 'before the end'), ...Array.from({ length: 20 }, () => ({ type: 'explode' }))])
  const last = await poll(id, next)
  expect(last.frames).toMatchObject([{ type: 'message.new', seq: 1 }, { type: 'connection.closed', code: 4400 }])
  expect(await poll(id, next, 25_000), 'given again, at once').toEqual(last)
  expect((await post(id, [{ type: 'ping' }])).status).toBe(404)
  expect(await poll(id, last.next)).toEqual({ frames: [], next: last.next })
  await expect(poll(id, last.next)).rejects.toThrow('404')
})

test('[POL-1] DELETE answers the poll that waits, and leaves nothing', async () => {
  const room = unique('deleted')
  const before = await connectionCount(server)
  const { id, next } = await joined(room)
  const waiting = poll(id, next, 25_000)
  await poll(id, next)
  const newer = poll(id, next, 25_000)
  await waiting
  expect((await ask(server, 'DELETE', `chat/poll?connection_id=${id}`, { as: user })).status).toBe(200)
  expect((await newer).frames).toMatchObject([{ type: 'connection.closed', code: 1000 }])
  expect((await ask(server, 'DELETE', `chat/poll?connection_id=${id}`, { as: user })).status).toBe(404)
  expect(await connectionCount(server)).toBe(before)
})

test('[POL-1] [RES-3] what a join asked for comes in answers of at most 1 MiB, all of it, in order', async () => {
  const room = unique('large')
  const host = await connect(server)
  await host.join(room)
  const text = 'x'.repeat(16_000)
  for (let at = 0; at < 256; at += 32) await Promise.all(Array.from({ length: 32 }, () => host.chat(room, text)))
  const { connection_id: id } = await openPoll(server, '', { as: user })
  await post(id, [{ type: 'join', room, limit: 256 }])
  const seqs: number[] = []
  let polls = 0
  for (let after = 0, done = false; !done; polls++) {
    const response = await ask(server, 'GET', `chat/poll?connection_id=${id}&after=${after}&wait_ms=1000`, { as: user })
    const body = await response.text()
    expect(body.length).toBeLessThan(1024 * 1024 + 100)
    const polled = JSON.parse(body) as Polled
    seqs.push(...polled.frames.flatMap(frame => frame.type === 'message.replay' ? [frame.seq] : []))
    done = polled.frames.some(frame => frame.type === 'replay.end')
    after = polled.next
  }
  expect(seqs).toEqual(Array.from({ length: 256 }, (_, n) => n + 1))
  expect(polls).toBeGreaterThan(3)
  expect((await post(id, [{ type: 'ping', id: 'alive' }])).status).toBe(200)
})

test('[CON-6] [POL-1] [SSE-1] lines that are asked for at once keep to the limit: 429, and none of them stays', async () => {
  await server.restart({ NUXT_LIMITS_CONNECTIONS_PER_USER: '5' })
  const own = await createUser(server)
  const gone = new AbortController()
  const answers = await Promise.all(Array.from({ length: 24 }, (_, n) => n % 2
    ? ask(server, 'POST', `chat/poll?room=${unique('rush')}`, { as: own })
    : ask(server, 'GET', `chat/stream?room=${unique('rush')}`, { as: own, signal: gone.signal })))
  const refused = answers.filter(answer => answer.status === 429)
  expect(answers.filter(answer => answer.status === 200)).toHaveLength(5)
  expect(refused).toHaveLength(19)
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused[0]?.json()).toMatchObject({ code: 'rate_limited', retryable: true, retry_after_ms: expect.any(Number) })
  expect((await ask(server, 'POST', 'chat/stream', { as: own })).status, 'the preflight').toBe(429)
  gone.abort()
  await server.restart({ NUXT_LIMITS_CONNECTIONS_PER_USER: '1000' })
})
