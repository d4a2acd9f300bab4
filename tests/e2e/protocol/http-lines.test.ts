import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerFrame } from '#shared/protocol/frames'
import { ask, chat, openPoll, openStream } from '../../support/lines'
import type { AskOptions, Stream } from '../../support/lines'
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

/** Asks one of the chat's routes as somebody. */
function asUser(method: string, path: string, options: AskOptions = {}): Promise<Response> {
  return ask(server, method, `chat/${path}`, { as: user, ...options })
}

function stream(query: string, headers?: Record<string, string>): Promise<Stream> {
  return openStream(server, query, { as: user, headers })
}

test('[SSE-1] [FRM-2] a stream greets, replays and goes live; entries of its one room carry their number', async () => {
  const room = unique('stream')
  const line = await stream(`room=${room}`)
  expect(line.response.headers.get('content-type')).toBe('text/event-stream')
  expect(line.response.headers.get('cache-control')).toBe('no-cache, no-transform')
  expect(line.response.headers.get('x-accel-buffering')).toBe('no')
  expect(line.events[0]).toMatchObject({ event: 'connection.established', frame: { transport: 'sse' } })
  await asUser('POST', 'frames', { body: { connection_id: line.connectionId, frames: [chat(room, 'one'), chat(room, 'two')] } })
  const entries = () => line.events.filter(event => event.event === 'message.new')
  await waitFor(() => entries().length === 2)
  expect(entries().map(event => event.id)).toEqual(['1', '2'])
  expect(line.events.filter(event => event.id !== undefined)).toHaveLength(2)
  line.close()

  const again = await stream(`room=${room}&from_seq=0`, { 'last-event-id': '1' })
  await waitFor(() => again.events.some(event => event.event === 'replay.end'))
  expect(again.events[0]?.frame).toMatchObject({ from_seq: 1 })
  expect(again.events.filter(event => event.event === 'message.replay').map(event => event.id)).toEqual(['2'])
  again.close()
})

test('[SSE-2] the preflight says who one is, or why a stream would be refused', async () => {
  const answer = await asUser('POST', 'stream')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ authenticated: true, userId: user.id, timestamp: expect.stringMatching(/Z$/) })
  expect((await asUser('POST', 'stream', { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
  expect((await asUser('POST', 'stream', { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403)
  expect((await asUser('POST', 'stream?room=NOT-A-ROOM')).status).toBe(400)
})

test('[SSE-3] frames are answered in the response, in order, and to nobody but the connection\'s own user', async () => {
  const room = unique('posted')
  const line = await stream(`room=${room}`)
  const connection_id = line.connectionId
  const answer = await asUser('POST', 'frames', { body: { connection_id, frames: [chat(room, 'one', 'a'), { type: 'ping', id: 'b' }, { type: 'nope', id: 'c' }, { type: 'ping' }] } })
  expect(await answer.json()).toMatchObject({ frames: [{ type: 'ack', ref: 'a', seq: 1 }, { type: 'ack', ref: 'b' }, { type: 'error', ref: 'c', code: 'bad_frame' }] })
  await waitFor(() => line.events.filter(event => event.event === 'pong').length === 2)
  expect(line.events.some(event => event.event === 'ack' || event.event === 'error')).toBe(false)
  expect((await asUser('POST', 'frames', { body: { connection_id: 'nobody', frames: [{ type: 'ping' }] } })).status).toBe(404)
  const other = await createUser(server, 'Eve')
  expect((await asUser('POST', 'frames', { as: other, body: { connection_id, frames: [chat(room, 'as you')] } })).status).toBe(403)
  line.close()
})

test('[POL-1] a poll gives what came, gives it again until it is acknowledged, and waits for more', async () => {
  const room = unique('polled')
  const { connection_id, frames, next } = await openPoll(server, `room=${room}`, { as: user })
  expect(frames.map(frame => frame.type)).toEqual(['connection.established'])
  expect(next).toBe(0)
  const poll = async (after: number, wait = 0) => (await asUser('GET', `poll?connection_id=${connection_id}&after=${after}&wait_ms=${wait}`)).json() as Promise<{ frames: ServerFrame[], next: number }>
  const first = await waitFor(async () => {
    const polled = await poll(0)
    return polled.frames.length === 2 ? polled : undefined
  })
  expect(first.frames.map(frame => frame.type)).toEqual(['room.state', 'replay.end'])
  expect(await poll(0)).toEqual(first)
  const waiting = poll(first.next, 20_000)
  await asUser('POST', 'frames', { body: { connection_id, frames: [chat(room, 'hello')] } })
  expect(await waiting).toMatchObject({ frames: [{ type: 'message.new', seq: 1 }], next: 3 })
  expect((await asUser('GET', `poll?connection_id=${connection_id}&after=99`)).status).toBe(409)
  expect((await asUser('DELETE', `poll?connection_id=${connection_id}`)).status).toBe(200)
  expect((await asUser('GET', `poll?connection_id=${connection_id}&after=3`)).status).toBe(404)
})

test('[FLAG-2] [CON-8] a peer that moves from a stream to a poll stays one peer, and hears its room on both meanwhile', async () => {
  const room = unique('moved')
  const key = 'one-and-the-same-tab'
  const old = await stream(`room=${room}&peer_key=${key}`)
  const { connection_id, frames } = await openPoll(server, `room=${room}&peer_key=${key}`, { as: user })
  expect(frames[0]).toMatchObject({ peer_id: (old.events[0]?.frame as { peer_id: string }).peer_id, transport: 'polling' })
  await asUser('POST', 'frames', { body: { connection_id, frames: [chat(room, 'on both')] } })
  await waitFor(() => old.events.some(event => event.event === 'message.new'))
  const polled = await waitFor(async () => {
    const { frames: got } = await (await asUser('GET', `poll?connection_id=${connection_id}&after=0`)).json() as { frames: ServerFrame[] }
    return got.some(frame => frame.type === 'message.new') ? got : undefined
  })
  const state = polled.find(frame => frame.type === 'room.state')
  expect(state?.type === 'room.state' && state.members[0]?.peers).toHaveLength(1)
  await old.ended
  expect(old.events.at(-1)?.frame).toEqual({ type: 'connection.closed', code: 4409, reason: 'replaced by a newer connection' })
})
