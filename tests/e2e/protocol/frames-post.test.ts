import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../support/client'
import { ask, chat, openPoll, openStream } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, signToken, unique } from '../../support/session'
import type { TestUser } from '../../support/session'

const ALLOWED = 'https://chat.example.org'
const ROUTES = [['GET', 'chat/stream'], ['POST', 'chat/stream'], ['POST', 'chat/frames'], ['POST', 'chat/poll'], ['GET', 'chat/poll?connection_id=c'], ['DELETE', 'chat/poll?connection_id=c']] as const

let server: TestServer
let user: TestUser
let room: string
let connection_id: string

beforeAll(async () => {
  server = await startServer({ env: { NUXT_ALLOWED_ORIGINS: ALLOWED } })
  user = await createUser(server)
  room = unique('posted')
  connection_id = (await openPoll(server, `room=${room}`, { as: user })).connection_id
})
afterAll(() => server?.stop())

const ping = { type: 'ping' }

test.each<[string, unknown]>([
  ['nothing', undefined], ['null', null], ['a list', [ping]], ['no connection', { frames: [ping] }], ['a number as connection', { connection_id: 7, frames: [ping] }],
  ['an empty connection', { connection_id: '', frames: [ping] }], ['no frames', { connection_id: 'c' }], ['one frame for a list', { connection_id: 'c', frames: ping }],
  ['65 frames', { connection_id: 'c', frames: Array.from({ length: 65 }, () => ping) }],
])('[SSE-3] %s is 400', async (_name, body) => {
  const response = await ask(server, 'POST', 'chat/frames', { as: user, body })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'bad_frame', retryable: false })
})

test.each(['{', 'hello', '{"connection_id":"c","frames":[NaN]}', '\uFEFF{}', `{"connection_id":"c","frames":[{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}]}`])('[SSE-3] %.40s is 400', async (text) => {
  expect((await ask(server, 'POST', 'chat/frames', { as: user, text })).status).toBe(400)
})

test('[FRM-8] a frame nests 64 levels over HTTP too, and not one more', async () => {
  const nested = (levels: number): string => `{"type":"ping","id":"n","x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  const post = (frame: string): Promise<Response> => ask(server, 'POST', 'chat/frames', { as: user, text: `{"connection_id":"${connection_id}","frames":[${frame}]}` })
  expect(await (await post(nested(64))).json()).toMatchObject({ frames: [{ type: 'ack', ref: 'n' }] })
  expect((await post(nested(65))).status).toBe(400)
})

test('[FRM-5] [SSE-3] a frame that is too long is 413, and none of its request is handled; so is a body without end', async () => {
  const long = { ...chat(room, 'x'), padding: 'x'.repeat(65_536) }
  const response = await ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id, frames: [chat(room, 'beside it', 'a'), long] } })
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ code: 'too_large' })
  expect((await ask(server, 'POST', 'chat/frames', { as: user, text: ' '.repeat(8 * 1024 * 1024) })).status).toBe(413)
  const reader = await connect(server)
  expect((await reader.join(room)).state.head).toBe(0)
})

test('[SSE-3] [FRM-4] odd values are bad frames among good ones, each answered in its place', async () => {
  const frames = [null, 7, 'ping', [], {}, { type: '__proto__' }, { type: 'ping', id: 'good' }]
  const response = await ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id, frames } })
  const { frames: replies } = await response.json() as { frames: unknown[] }
  expect(replies).toHaveLength(7)
  for (const reply of replies.slice(0, 6)) expect(reply).toMatchObject({ type: 'error', code: 'bad_frame' })
  expect(replies[6]).toMatchObject({ type: 'ack', ref: 'good' })
})

test('[SSE-3] [FRM-4] what a connection does not live to handle is answered with unavailable, and was not done', async () => {
  const own = unique('cut-short')
  const line = await openStream(server, `room=${own}`, { as: user })
  const bad = Array.from({ length: 20 }, (_, n) => ({ type: 'explode', id: `b${n}` }))
  const response = await ask(server, 'POST', 'chat/frames', { as: user, body: { connection_id: line.connectionId, frames: [...bad, chat(own, 'too late', 'late')] } })
  const { frames } = await response.json() as { frames: { ref?: string, code: string, retryable: boolean }[] }
  expect(frames).toHaveLength(21)
  expect(frames.at(-1)).toMatchObject({ ref: 'late', code: 'unavailable', retryable: true })
  await line.ended
  expect(line.events.at(-1)?.frame).toMatchObject({ type: 'connection.closed', code: 4400 })
  const reader = await connect(server)
  expect((await reader.join(own)).state.head).toBe(0)
})

test('[SSE-3] nothing is sent through somebody else\'s connection, nor through a WebSocket', async () => {
  const other = await createUser(server, 'Eve')
  const socket = await connect(server, { user })
  const post = async (as: TestUser, id: string): Promise<number> => (await ask(server, 'POST', 'chat/frames', { as, body: { connection_id: id, frames: [chat(room, 'as you')] } })).status
  expect(await post(other, connection_id)).toBe(403)
  expect(await post(user, socket.established.connection_id)).toBe(404)
  expect(await post(user, 'nobody')).toBe(404)
  for (const method of ['GET', 'DELETE']) expect((await ask(server, method, `chat/poll?connection_id=${connection_id}`, { as: other })).status, method).toBe(403)
})

test.each(ROUTES)('[CON-2] %s %s asks who one is: cookie or bearer, and 401 for nobody, a forged or an old token', async (method, path) => {
  const body = method === 'POST' ? { connection_id, frames: [ping] } : undefined
  const status = async (headers: Record<string, string>): Promise<number> => {
    const gone = new AbortController()
    const response = await ask(server, method, path, { body, headers, signal: gone.signal })
    gone.abort()
    return response.status
  }
  const expired = await signToken(server, { sub: user.id, exp: 1 })
  const nobody = await signToken(server, { sub: 'nobody-at-all' })
  for (const token of ['rubbish', expired, nobody, `${user.token}x`]) expect(await status({ authorization: `Bearer ${token}` })).toBe(401)
  expect(await status({})).toBe(401)
  expect(await status({ 'x-user-id': user.id, 'authorization': `Basic ${user.token}` })).toBe(401)
  const known = path.includes('connection_id') ? 404 : 200
  expect(await status({ cookie: user.cookie })).toBe(known)
  expect(await status({ authorization: `Bearer ${user.token}` })).toBe(known)
})

test.each(ROUTES)('[CON-1] %s %s from a foreign page is 403; a page on the list may ask and read', async (method, path) => {
  const body = method === 'POST' ? { connection_id, frames: [ping] } : undefined
  for (const origin of ['https://evil.example', 'null', `${ALLOWED}.evil.example`, 'http://chat.example.org']) {
    const refused = await ask(server, method, path, { as: user, body, headers: { origin } })
    expect(refused.status, origin).toBe(403)
    expect(refused.headers.get('access-control-allow-origin')).toBeNull()
    expect((await ask(server, 'OPTIONS', path, { headers: { origin, 'access-control-request-method': method } })).headers.get('access-control-allow-origin')).toBeNull()
  }
  const preflight = await ask(server, 'OPTIONS', path, { headers: { 'origin': ALLOWED, 'access-control-request-method': method, 'access-control-request-headers': 'authorization,content-type' } })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(ALLOWED)
  expect(preflight.headers.get('access-control-allow-methods')).toContain(method)
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization.*content-type/)
  const gone = new AbortController()
  const answer = await ask(server, method, path, { as: user, body, headers: { origin: ALLOWED }, signal: gone.signal })
  expect([200, 404]).toContain(answer.status)
  expect(answer.headers.get('access-control-allow-origin')).toBe(ALLOWED)
  expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
  expect(answer.headers.get('vary')).toMatch(/origin/i)
  gone.abort()
  const own = await ask(server, 'POST', 'chat/stream', { as: user, headers: { origin: server.url } })
  expect(own.status, 'its own pages').toBe(200)
})
