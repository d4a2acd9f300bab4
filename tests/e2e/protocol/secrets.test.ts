import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, connectOver, open } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, signToken, unique } from '../../support/session'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ env: { NUXT_TURN_URLS: 'turn:turn.example.org', NUXT_TURN_SECRET: 'turn-secret-value', NUXT_LOG_LEVEL: 'trace' } })
})
afterAll(() => server.stop())

test('[CON-2] secrets are made at the first start, for their owner\'s eyes only, and kept', async () => {
  const file = join(server.dataDir, 'secrets.json')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const before = await readFile(file, 'utf8')
  const { tokenSecret } = JSON.parse(before) as { tokenSecret: string }
  expect(tokenSecret.length).toBeGreaterThanOrEqual(32)
  const user = await createUser(server)
  await server.restart()
  expect(await readFile(file, 'utf8')).toBe(before)
  expect((await connect(server, { token: user.token })).userId).toBe(user.id)
})

test('[CON-2] each installation has its own secrets', async () => {
  const other = await startServer()
  const user = await createUser(server)
  const secrets = await Promise.all([server, other].map(each => readFile(join(each.dataDir, 'secrets.json'), 'utf8')))
  expect(secrets[0]).not.toBe(secrets[1])
  const client = await open(other)
  expect(await client.refused({ type: 'auth', token: user.token })).toMatchObject({ code: 'unauthorized' })
  await other.stop()
})

test('the data of one installation is readable by others only where it may be', async () => {
  for (const entry of await readdir(server.dataDir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    expect((await stat(join(entry.parentPath, entry.name))).mode & 0o022, `${entry.name} must not be writable by others`).toBe(0)
  }
})

test('no token, cookie, secret or text of a message reaches the log, whatever goes wrong', async () => {
  const user = await createUser(server, 'Private-Name')
  const words = `confidential-${crypto.randomUUID()}`
  const room = unique('quiet')
  const client = await connect(server, { user })
  const peerKey = crypto.randomUUID()
  const guest = await connect(server, { token: user.token, peerKey })
  await client.join(room)
  const { messageId } = await client.chat(room, words)
  await client.ack({ type: 'edit', room, messageId, text: `${words} edited` })
  await client.refused({ type: 'chat', room, text: words, client_msg_id: '' })
  await client.refused({ type: 'edit', room, messageId: 'none', text: words })
  client.sendRaw(`{"type":"chat","text":"${words}"`)
  client.sendRaw(JSON.stringify({ type: words }))
  await client.settle()
  const expired = await signToken(server, { sub: user.id, exp: 1 })
  const refused = await open(server)
  await refused.refused({ type: 'auth', token: expired })
  await refused.refused({ type: 'auth', token: `${user.token}x` })
  await get(server, `/api/rooms/${room}/search?q=${words}`, user)
  await get(server, `/api/rooms/${room}/messages?limit=${words}`, user)
  await get(server, '/api/ice-servers', user)
  await fetch(`${server.url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"name":${words}` })
  for (const transport of ['sse', 'polling'] as const) {
    const line = await connectOver(transport)(server, { token: user.token, peerKey })
    await line.join(room)
    await line.chat(room, words)
    await line.refused({ type: 'edit', room, messageId: 'none', text: words })
    line.sendRaw(`{"type":"chat","text":"${words}`)
    await line.settle()
    await line.close()
    for (const token of [expired, `${user.token}x`]) await expect(open(server, { transport, token, peerKey })).rejects.toMatchObject({ status: 401 })
    await expect(open(server, { transport, token: user.token, peerKey: words.slice(0, 9) })).rejects.toMatchObject({ status: 400 })
  }
  await guest.close()
  const { tokenSecret, ...others } = JSON.parse(await readFile(join(server.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>
  const log = server.log()
  expect(log.length).toBeGreaterThan(0)
  const hidden = { words, token: user.token, signature: user.token.split('.')[2], cookie: user.cookie.split('=')[1], expired, tokenSecret, turn: 'turn-secret-value', peerKey, ...others }
  for (const [name, value] of Object.entries(hidden)) expect(log.includes(String(value)), name).toBe(false)
})

test('errors over HTTP tell nothing of the inside', async () => {
  const user = await createUser(server)
  for (const path of ['/api/rooms/lobby/log?from_seq=%00', '/api/rooms/%2e%2e/log', '/api/nope', '/api/rooms/x/messages?limit=%7B%7D']) {
    const { status, body } = await get(server, path, user)
    expect(status, path).toBeGreaterThanOrEqual(400)
    expect(status, path).toBeLessThan(500)
    expect(JSON.stringify(body)).not.toMatch(/node_modules|\.mjs|at \w+ \(|sqlite|SELECT/i)
  }
})

test('GET /api/health answers without an identity', async () => {
  const { status, body } = await get(server, '/api/health')
  expect(status).toBe(200)
  expect(body).toEqual(expect.any(Object))
})
