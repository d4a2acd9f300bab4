import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrival, ask, joinStream, openPoll, openSocket, openStream, poll } from '../support/https'
import { startProxy } from '../support/proxies'
import type { TestProxy } from '../support/proxies'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { createUser, unique } from '../support/session'
import type { TestUser } from '../support/session'
import { waitFor, within } from '../support/wait'

/** The longest a poll may wait (POL-1). */
const WAIT_MS = 25_000

/** The configurations given to operators, run by the real programs in front of a real server. */
describe.each(['nginx', 'haproxy'] as const)('through %s as in docs/proxies', (kind) => {
  let server: TestServer
  let proxy: TestProxy
  let user: TestUser

  beforeAll(async () => {
    server = await startServer({ env: { NUXT_TRUST_PROXY: 'true', NUXT_DRAIN_MS: '1000' } })
    proxy = await startProxy(kind, { port: server.port })
    user = await createUser(server)
  })
  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  function post(connection_id: string, ...frames: Record<string, unknown>[]) {
    return ask(proxy, 'POST', '/api/chat/frames', { as: user, body: { connection_id, frames } })
  }

  function chat(room: string, text: string) {
    return { type: 'chat', id: text, room, text, client_msg_id: crypto.randomUUID() }
  }

  test('[CON-1] WebSockets chat; the page\'s own origin is let in, and a foreign one is not', async () => {
    const room = unique('sockets')
    const ann = await openSocket(proxy, { as: user, headers: { origin: proxy.url } })
    const bob = await openSocket(proxy, { as: await createUser(server, 'Bob') })
    await ann.join(room)
    await bob.join(room)
    await ann.chat(room, 'hello')
    expect((await bob.next('message.new')).content.text).toBe('hello')
    await expect(openSocket(proxy, { as: user, headers: { origin: 'https://elsewhere.example' } })).rejects.toMatchObject({ status: 403 })
    await Promise.all([ann.close(), bob.close()])
  })

  test('[SSE-1] [SSE-3] each event of a stream arrives at once, while the stream stays open', async () => {
    const room = unique('stream')
    const stream = await joinStream(proxy, `room=${room}`, { as: user })
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' })
    expect(stream.headers['content-encoding']).toBeUndefined()
    for (let n = 0; n < 20; n++) {
      const arrived = arrival(stream, `message ${n}`)
      expect((await post(stream.connectionId, chat(room, `message ${n}`))).body).toMatchObject({ frames: [{ type: 'ack', seq: n + 1 }] })
      // Nothing is sent after it that could push it out of a proxy's buffer.
      await arrived
    }
    expect(stream.ended).toBe(false)
    stream.close()
    await waitFor(async () => (await post(stream.connectionId, { type: 'ping' })).status === 404, { what: 'the server to know that the reader has gone' })
  })

  test('[POL-1] a poll is answered in the moment that something comes', async () => {
    const room = unique('poll')
    const { connection_id, next } = await openPoll(proxy, room, user)
    const waiting = poll(proxy, connection_id, next, WAIT_MS, user)
    const began = performance.now()
    await post(connection_id, chat(room, 'hello'))
    expect((await waiting).body).toMatchObject({ frames: [{ type: 'message.new', seq: 1 }], next: next + 1 })
    expect((performance.now() - began) / WAIT_MS, 'of the time it would have waited').toBeLessThan(0.2)
  })

  test('[SSE-3] [FRM-5] the largest POST the protocol allows passes, and a frame that is too long gets the server\'s own 413', async () => {
    const stream = await joinStream(proxy, `room=${unique('large')}`, { as: user })
    const frames = Array.from({ length: 64 }, (_, n) => ({ type: 'ping', id: String(n), padding: 'x'.repeat(65_000) }))
    const { status, body } = await post(stream.connectionId, ...frames)
    expect(status).toBe(200)
    expect((body as { frames: unknown[] }).frames).toHaveLength(64)
    const refused = await post(stream.connectionId, { type: 'ping', padding: 'x'.repeat(65_536) })
    expect(refused).toMatchObject({ status: 413, body: { code: 'too_large' } })
    stream.close()
  })

  test('[CON-7] a restart behind the proxy: every client is told, and comes back through it to what it missed', async () => {
    const room = unique('restart')
    const socket = await openSocket(proxy, { as: user })
    await socket.join(room)
    const stream = await joinStream(proxy, `room=${room}`, { as: user })
    const line = await openPoll(proxy, room, user)
    const waiting = poll(proxy, line.connection_id, line.next, 25_000, user)
    server.kill('SIGTERM')
    await socket.next('server.closing')
    expect((await socket.closed).code).toBe(1012)
    await waitFor(() => stream.ended)
    expect(stream.events.slice(-2).map(({ frame }) => frame)).toMatchObject([{ type: 'server.closing' }, { type: 'connection.closed', code: 1012 }])
    expect((await waiting).body).toMatchObject({ frames: [{ type: 'server.closing' }, { type: 'connection.closed', code: 1012 }] })
    expect(await within(server.exited(), 15_000, 'the exit')).toBe(0)
    const away = ask(proxy, 'POST', '/api/chat/stream', { as: user })
    if (kind === 'nginx') expect((await away).status).toBe(502)
    await server.restart()
    if (kind === 'haproxy') expect([200, 503]).toContain((await away).status)
    const began = performance.now()
    const again = await waitFor(() => openSocket(proxy, { as: user }))
    await again.join(room)
    await again.chat(room, 'welcome back')
    const resumed = await joinStream(proxy, `room=${room}`, { as: user, headers: { 'last-event-id': '0' } })
    expect(resumed.events.some(({ frame }) => frame.type === 'message.replay' && frame.content.text === 'welcome back')).toBe(true)
    expect((await poll(proxy, line.connection_id, line.next, 0, user)).status).toBe(404)
    await openPoll(proxy, room, user)
    expect(performance.now() - began, 'the proxy does not keep people out').toBeLessThan(5_000)
    resumed.close()
    await again.close()
  })

  test('[CON-2] plain HTTP is sent to HTTPS, where the session\'s cookie is for HTTPS alone', async () => {
    const response = await fetch(`${proxy.plainUrl}/r/lobby?x=1`, { redirect: 'manual' })
    expect(response.status).toBe(308)
    expect(response.headers.get('location')).toMatch(/^https:\/\/127\.0\.0\.1.*\/r\/lobby\?x=1$/)
    const { headers } = await ask(proxy, 'POST', '/api/session', { body: { name: 'Ann' } })
    expect(headers['set-cookie']?.[0]).toMatch(/; Secure/)
  })
})

describe.each(['nginx', 'haproxy'] as const)('addresses behind %s', (kind) => {
  test('[CON-6] are those of the clients, whatever they say of themselves', async () => {
    const server = await startServer({ env: { NUXT_TRUST_PROXY: 'true', NUXT_LIMITS_CONNECTIONS_PER_ADDRESS: '2' } })
    const proxy = await startProxy(kind, { port: server.port })
    const as = await createUser(server)
    const socket = await openSocket(proxy, { as, from: '127.0.0.2' })
    const stream = await joinStream(proxy, 'room=lobby', { as, from: '127.0.0.2' })
    const spoofed = { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-host': 'elsewhere.example', 'origin': 'https://elsewhere.example' }
    expect((await openStream(proxy, 'room=lobby', { as, from: '127.0.0.2' })).status).toBe(429)
    expect((await openStream(proxy, 'room=lobby', { as, from: '127.0.0.2', headers: { 'x-forwarded-for': '198.51.100.7' } })).status).toBe(429)
    await expect(openSocket(proxy, { as, from: '127.0.0.2' })).rejects.toMatchObject({ status: 429 })
    expect((await openStream(proxy, 'room=lobby', { as, from: '127.0.0.3', headers: spoofed })).status).toBe(403)
    const other = await joinStream(proxy, 'room=lobby', { as, from: '127.0.0.3' })
    for (const one of [stream, other]) one.close()
    await socket.close()
    await proxy.stop()
    await server.stop()
  })
})
