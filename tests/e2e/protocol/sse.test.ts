import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../support/client'
import { ask, chat, connectionCount, openStream } from '../../support/lines'
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

function post(connection_id: string, frames: unknown[]): Promise<Response> {
  return ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id, frames } })
}

test('[SSE-1] a stream joins several rooms, each from where it was asked, and numbers no event', async () => {
  const rooms = [unique('one'), unique('two')]
  const host = await connect(server)
  for (const room of rooms) {
    await host.join(room)
    for (const text of ['first', 'second', 'third']) await host.chat(room, text)
  }
  const line = await openStream(server, `room=${rooms[0]}&room=${rooms[1]}&room=${rooms[0]}&from_seq=1`, { as: user })
  await waitFor(() => line.events.filter(event => event.event === 'replay.end').length === 2)
  for (const room of rooms) {
    const own = line.events.map(event => event.frame).filter(frame => 'room' in frame && frame.room === room && frame.type !== 'presence')
    expect(own.map(frame => frame.type)).toEqual(['room.state', 'message.replay', 'message.replay', 'replay.end'])
    expect(own.at(-1)).toMatchObject({ from_seq: 1, lastReplayedSeq: 3 })
  }
  await host.chat(rooms[1] ?? '', 'live')
  await waitFor(() => line.events.some(event => event.event === 'message.new'))
  expect(line.events.filter(event => event.id !== undefined)).toEqual([])
  line.close()
})

test('[SSE-1] [FRM-2] a stream without rooms joins by frames; every event is named after its frame', async () => {
  const room = unique('later')
  const line = await openStream(server, '', { as: user })
  const answer = await post(line.connectionId, [{ type: 'join', id: 'j', room }, chat(room, 'here', 'c')])
  expect(await answer.json()).toMatchObject({ frames: [{ type: 'ack', ref: 'j', room }, { type: 'ack', ref: 'c', seq: 1 }] })
  await waitFor(() => line.events.some(event => event.event === 'message.new'))
  for (const { event, id, frame } of line.events) {
    expect(event).toBe(frame.type)
    expect(id).toBeUndefined()
  }
  line.close()
})

test('[SSE-1] Last-Event-ID resumes without a loss or a double, again and again; one from the future resets', async () => {
  const room = unique('resumed')
  const host = await connect(server)
  await host.join(room)
  const seen: string[] = []
  for (let round = 0, last = '0'; round < 8; round++) {
    await host.chat(room, `missed ${round}`)
    const line = await openStream(server, `room=${room}&from_seq=0`, { as: user, headers: { 'last-event-id': last } })
    await host.chat(room, `live ${round}`)
    const ids = () => line.events.flatMap(event => event.id ?? [])
    await waitFor(() => ids().at(-1) === String(2 * round + 2))
    seen.push(...ids())
    last = ids().at(-1) ?? ''
    line.close()
  }
  expect(seen).toEqual(Array.from({ length: 16 }, (_, n) => String(n + 1)))
  const ahead = await openStream(server, `room=${room}`, { as: user, headers: { 'last-event-id': '900' } })
  await waitFor(() => ahead.events.some(event => event.event === 'replay.end'))
  expect(ahead.events.map(event => event.event).filter(name => name !== 'presence').slice(0, 3)).toEqual(['connection.established', 'room.reset', 'room.state'])
  ahead.close()
})

test('[SSE-1] [SSE-2] what a stream may not have is a status and no stream', async () => {
  const [locked, left] = [unique('locked'), unique('removed')]
  const host = await connect(server)
  await host.join(locked)
  await host.ack({ type: 'room-update', room: locked, locked: true })
  await host.join(left)
  const member = await connect(server, { user })
  await member.join(left)
  await host.ack({ type: 'member-update', room: left, userId: user.id, removed: true })
  await member.close()
  const before = await waitFor(() => connectionCount(server))
  const refusals: [query: string, status: number, headers?: Record<string, string>][] = [
    [`room=${locked}`, 403], [`room=${left}`, 403], [`room=${unique('fine')}&room=${locked}`, 403],
    ['room=NO', 400], ['room=', 400], ['room=__proto__', 400], [Array.from({ length: 65 }, (_, n) => `room=r${n}`).join('&'), 400],
    ['from_seq=-1', 400], ['from_seq=x', 400], ['from_seq=1.5', 400], ['from_seq=1e99', 400], ['from_seq=1&from_seq=2', 400], ['peer_key=short', 400],
    [`room=${unique('id')}`, 400, { 'last-event-id': 'x' }], [`room=${unique('id')}`, 400, { 'last-event-id': '-1' }],
  ]
  for (const [query, status, headers] of refusals) {
    for (const [method, path] of [['GET', 'stream'], ['POST', 'poll']] as const) {
      // Only a browser's own stream sends a Last-Event-ID; what it asks for counts wherever it is sent.
      const response = await ask(server, method, `chat/${path}?${query}`, { as: user, headers })
      expect(response.status, `${method} ${path} ${query}`).toBe(status)
      expect(await response.json()).toMatchObject({ code: status === 403 ? 'forbidden' : 'bad_frame', retryable: false, message: expect.any(String) })
    }
  }
  for (const room of [locked, left]) expect((await ask(server, 'POST', `chat/stream?room=${room}`, { as: user })).status, 'the preflight').toBe(403)
  expect(await connectionCount(server)).toBeLessThanOrEqual(before)
})

test('[SSE-2] the preflight makes no room and nobody a member', async () => {
  const room = unique('asked')
  expect((await ask(server, 'POST', `chat/stream?room=${room}`, { as: user })).status).toBe(200)
  expect((await ask(server, 'GET', `rooms/${room}`, { as: user })).status).toBe(404)
})

test('[SSE-1] a stream whose client resets is no peer any more', async () => {
  const room = unique('reset')
  const watcher = await connect(server)
  await watcher.join(room)
  const line = await openStream(server, `room=${room}`, { as: user })
  const { member } = await watcher.next('presence', frame => frame.event === 'join' && frame.member.userId === user.id)
  line.close()
  const gone = await waitFor(async () => {
    const reply = await watcher.request({ type: 'webrtc-signal', room, to: member.peers[0]?.peer_id, signal: 1 })
    return reply.type === 'error' ? reply : undefined
  })
  expect(gone.code).toBe('peer_gone')
  expect((await post(line.connectionId, [{ type: 'ping' }])).status).toBe(404)
})

test('[SSE-1] HEAD asks for no stream that nobody reads', async () => {
  const before = await connectionCount(server)
  const ended = await new Promise((resolve, reject) => {
    const asked = request(`${server.url}/api/chat/stream`, { method: 'HEAD', agent: false, headers: { authorization: `Bearer ${user.token}` } }, (response) => {
      response.resume().once('end', () => resolve(true))
    })
    asked.once('error', reject).end()
  })
  expect(ended).toBe(true)
  await waitFor(async () => await connectionCount(server) === before, { what: 'the connection of a HEAD to be gone' })
})
