import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, open, Refused } from '../../support/client'
import type { ConnectOptions } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { claimsOf, createUser, get, signToken, unique } from '../../support/session'

let server: TestServer
const ALLOWED = 'https://chat.example.org'

beforeAll(async () => {
  server = await startServer({ env: { NUXT_ALLOWED_ORIGINS: `${ALLOWED}, https://two.example.org` } })
})
afterAll(() => server.stop())

/** Opens a WebSocket that must be refused before the upgrade. */
async function refusal(options: ConnectOptions & { path?: string }): Promise<Refused> {
  const result = await open(server, options).catch((error: unknown) => error)
  if (!(result instanceof Refused)) throw new Error(`the upgrade was not refused: ${String(result)}`)
  return result
}

test.each(['/', '/api', '/api/chat', '/api/chat.ws/more', '/api/chat.wsx', '/nope', '/_nuxt/x', '/api/health'])('[CON-1] %s does not upgrade', async (path) => {
  expect((await refusal({ path })).status).toBe(404)
})

test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://chat.example.org.evil.example', 'http://chat.example.org', 'garbage'])('[CON-1] origin %s is refused with 403', async (origin) => {
  expect((await refusal({ origin })).status).toBe(403)
  const user = await createUser(server)
  expect((await refusal({ origin, user })).status).toBe(403)
})

test('[CON-1] the server\'s own origin, those on the list, and no origin connect', async () => {
  for (const origin of [undefined, server.url, ALLOWED, 'https://two.example.org']) {
    const client = await connect(server, { origin })
    expect(client.established.transport, String(origin)).toBe('websocket')
  }
})

test('[CON-2] the session cookie authenticates at the upgrade', async () => {
  const user = await createUser(server, 'Ann')
  const client = await connect(server, { user })
  expect(client.established.user).toEqual({ id: user.id, name: 'Ann', role: 'guest' })
  expect(client.frames[0]?.type).toBe('connection.established')
})

test('[CON-2] POST /api/session gives a user, a token and a cookie for HTTP and WebSocket alike', async () => {
  const user = await createUser(server, 'Bob')
  expect(user).toMatchObject({ name: 'Bob', role: 'guest' })
  expect(user.id).toMatch(/\S/)
  const raw = await fetch(`${server.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Eve"}' })
  expect(raw.headers.getSetCookie().join('\n')).toMatch(/HttpOnly/i)
  expect(raw.headers.getSetCookie().join('\n')).toMatch(/SameSite=(Lax|Strict)/i)
  expect((await get(server, '/api/ice-servers', user)).status).toBe(200)
  const withCookie = await fetch(`${server.url}/api/ice-servers`, { headers: { cookie: user.cookie } })
  expect(withCookie.status).toBe(200)
  expect((await connect(server, { token: user.token })).userId).toBe(user.id)
})

test.each<[string, unknown]>([
  ['no name', {}], ['an empty name', { name: '' }], ['blanks', { name: '   ' }], ['a number', { name: 5 }],
  ['an object', { name: { toString: 'x' } }], ['a long name', { name: 'x'.repeat(1000) }], ['a direction override', { name: 'a\u202Eb' }],
  ['an array', []], ['null', null],
])('[CON-2] POST /api/session refuses %s with 400', async (_name, body) => {
  const response = await fetch(`${server.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  expect(response.status).toBe(400)
})

test('[CON-2] POST /api/session from a foreign page is refused', async () => {
  const response = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'origin': 'https://evil.example' },
    body: '{"name":"Ann"}',
  })
  expect(response.status).toBe(403)
  expect(response.headers.getSetCookie()).toEqual([])
})

test('[CON-2] a guest asks for an identity by name, and comes back as the same user by its token', async () => {
  const first = await connect(server, { userName: 'Cleo' })
  expect(first.established.user).toMatchObject({ name: 'Cleo', role: 'guest' })
  const token = first.established.token ?? ''
  expect(claimsOf(token)).toMatchObject({ sub: first.userId, name: 'Cleo', iat: expect.any(Number), exp: expect.any(Number) })
  const again = await connect(server, { token })
  expect(again.established.user).toEqual(first.established.user)
})

test('[CON-2] a userId from the client is never believed', async () => {
  const ann = await createUser(server, 'Ann')
  const client = await open(server)
  client.send({ type: 'auth', userName: 'Mallory', userId: ann.id, user: { id: ann.id, role: 'admin' }, role: 'admin' })
  const { user } = await client.next('connection.established')
  expect(user.id).not.toBe(ann.id)
  expect(user.role).toBe('guest')
})

test('[CON-2] any frame before auth is unauthorized, and the connection can still authenticate', async () => {
  const client = await open(server)
  for (const frame of [{ type: 'join', room: 'lobby' }, { type: 'chat', room: 'lobby', text: 'x', client_msg_id: 'm' }, { type: 'ping' }, { type: 'leave', room: 'lobby' }, { type: 'presence', status: 'away' }]) {
    expect(await client.refused(frame), frame.type).toMatchObject({ code: 'unauthorized' })
  }
  await client.ack({ type: 'auth', userName: 'Dan' })
  await client.next('connection.established')
})

test('[CON-2] auth without token and name, with an empty name, or with rubbish is refused', async () => {
  const client = await open(server)
  for (const fields of [{}, { userName: '' }, { userName: '  ' }, { token: '' }, { token: 'a.b.c' }, { token: 'rubbish' }, { userName: 'a\u0000b' }]) {
    expect(['unauthorized', 'bad_frame'], JSON.stringify(fields)).toContain((await client.refused({ type: 'auth', ...fields })).code)
  }
})

test('[CON-2] tokens that ran out, are signed by others, altered or unsigned are refused', async () => {
  const user = await createUser(server, 'Eve')
  const now = Math.floor(Date.now() / 1000)
  const [header, payload, signature] = user.token.split('.')
  const forged = Buffer.from(JSON.stringify({ ...claimsOf(user.token), sub: 'someone' })).toString('base64url')
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  const bad = {
    expired: await signToken(server, { sub: user.id, iat: now - 7200, exp: now - 3600 }),
    foreign: await signToken(server, { sub: user.id }, 'x'.repeat(43)),
    altered: `${header}.${forged}.${signature}`,
    unsigned: `${none}.${payload}.`,
    stripped: `${header}.${payload}.`,
  }
  for (const [name, token] of Object.entries(bad)) {
    const client = await open(server)
    expect(await client.refused({ type: 'auth', token }), name).toMatchObject({ code: 'unauthorized', retryable: false })
    expect((await get(server, '/api/ice-servers', { token })).status, name).toBe(401)
  }
  expect((await connect(server, { token: await signToken(server, { sub: user.id }) })).userId).toBe(user.id)
})

test('[CON-2] a bad cookie is no identity, and no obstacle to auth', async () => {
  const client = await open(server, { headers: { cookie: 'lastra_session=rubbish; other=1; __proto__=x' } })
  expect(await client.refused({ type: 'ping' })).toMatchObject({ code: 'unauthorized' })
  await client.ack({ type: 'auth', userName: 'Fay' })
})

test('[CON-3] connection.established says who, where and within which limits', async () => {
  const one = await connect(server)
  const two = await connect(server)
  const { established } = one
  expect(established).toMatchObject({ transport: 'websocket', heartbeat_ms: 25_000, timestamp: expect.stringMatching(/Z$/), limits: expect.any(Object) })
  expect(established.connection_id).not.toBe(two.established.connection_id)
  expect(established.peer_id).not.toBe(two.peerId)
  expect(one.all('connection.established')).toHaveLength(1)
})

test('[CON-4] ping is answered by pong with the same t', async () => {
  const client = await connect(server)
  client.send({ type: 'ping' })
  expect(await client.next('pong')).not.toHaveProperty('t')
  for (const t of [0, 1.5, Date.now(), 'text']) {
    client.send({ type: 'ping', t })
    expect((await client.next('pong')).t).toBe(t)
  }
})

test('[CON-9] auth again: the same user is extended, another is a conflict', async () => {
  const user = await createUser(server, 'Gus')
  const other = await createUser(server, 'Hal')
  const client = await connect(server, { token: user.token })
  const room = unique('again')
  await client.join(room)
  await client.ack({ type: 'auth', token: await signToken(server, { sub: user.id }) })
  expect(await client.refused({ type: 'auth', token: other.token })).toMatchObject({ code: 'conflict' })
  await client.chat(room, 'still Gus')
  expect(await client.next('message.new')).toMatchObject({ userId: user.id })
  expect(['conflict', 'bad_frame', 'unauthorized']).toContain((await client.refused({ type: 'auth', userName: 'Somebody' })).code)
})

test('[CON-2] [ROOM-1] where guests are not allowed, a name makes nobody', async () => {
  await server.restart({ NUXT_GUESTS_ALLOWED: 'false' })
  const response = await fetch(`${server.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Ann"}' })
  expect(response.status).toBe(403)
  const client = await open(server)
  expect(['forbidden', 'unauthorized']).toContain((await client.refused({ type: 'auth', userName: 'Ann' })).code)
  await server.restart({ NUXT_GUESTS_ALLOWED: 'true' })
})
