import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, connectOver, open, Refused, TRANSPORTS } from '../../support/client'
import type { Client, ConnectOptions } from '../../support/client'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, unique } from '../../support/session'
import { waitFor } from '../../support/wait'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ limits: 'default' })
})
afterAll(() => server.stop())

async function isRefused(options: ConnectOptions): Promise<void> {
  const result = await open(server, options).catch((error: unknown) => error)
  expect(result).toBeInstanceOf(Refused)
  expect(result).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
}

async function closeAll(clients: Client[]): Promise<void> {
  await Promise.all(clients.map(client => client.close()))
}

describe.each(TRANSPORTS)('over %s', (transport) => {
  const connect = connectOver(transport)

  test('[CON-6] a user has at most 32 connections; the next one gets 429 with Retry-After', async () => {
    const user = await createUser(server)
    const clients = await Promise.all(Array.from({ length: 32 }, () => connect(server, { user })))
    await isRefused({ user, transport })
    const other = await connect(server, { user: await createUser(server) })
    await clients[0]?.close()
    const late = await waitFor(() => connect(server, { user }), { what: 'a place that became free' })
    await Promise.all(clients.slice(1).map(client => client.settle()))
    await closeAll([...clients, other, late])
  })

  test('[CON-6] frames: 60 at once, then 30 a second; what is over is told when to come back', async () => {
    const client = await connect(server)
    const began = performance.now()
    for (let n = 0; n < 200; n++) client.send({ type: 'ping', id: `p${n}`, t: n })
    await client.reply('p199')
    const allowed = client.all('ack').length
    const elapsed = (performance.now() - began) / 1000
    expect(allowed).toBeGreaterThanOrEqual(58)
    expect(allowed).toBeLessThanOrEqual(60 + Math.ceil(elapsed * 30) + 1)
    const limited = client.all('error')
    expect(limited).toHaveLength(200 - allowed)
    for (const error of limited) expect(error).toMatchObject({ code: 'rate_limited', retryable: true, retry_after_ms: expect.any(Number), ref: expect.any(String) })
    const wait = Math.max(...limited.map(error => error.retry_after_ms ?? 0))
    expect(wait).toBeLessThanOrEqual(2000)
    await waitFor(() => client.all('pong').length === allowed)
    await waitFor(async () => (await client.request({ type: 'ping' })).type === 'ack', { interval: wait })
    await client.close()
  })

  test('[CON-6] chat: 20 at once, then 10 a second, over all connections of the user', async () => {
    const user = await createUser(server)
    const room = unique('chatty')
    const tabs = [await connect(server, { user }), await connect(server, { user })]
    for (const tab of tabs) await tab.join(room)
    const began = performance.now()
    for (let n = 0; n < 20; n++) tabs.forEach((tab, t) => tab.send({ type: 'chat', id: `m${n}`, room, text: `${t} ${n}`, client_msg_id: `${t}-${n}` }))
    const replies = await Promise.all(tabs.flatMap(tab => Array.from({ length: 20 }, (_, n) => tab.reply(`m${n}`))))
    const elapsed = (performance.now() - began) / 1000
    const acked = replies.filter(reply => reply.type === 'ack').length
    expect(acked).toBeGreaterThanOrEqual(20)
    expect(acked).toBeLessThanOrEqual(20 + Math.ceil(elapsed * 10) + 1)
    for (const reply of replies) if (reply.type === 'error') expect(reply).toMatchObject({ code: 'rate_limited', retryable: true, retry_after_ms: expect.any(Number) })
    const bystander = await connect(server)
    await bystander.join(room)
    await bystander.chat(room, 'not limited by others')
    const repeat = { type: 'chat', room, text: 'again', client_msg_id: 'again' }
    await waitFor(async () => (await tabs[0]?.request(repeat))?.type === 'ack', { interval: 150, what: 'the next token' })
    await closeAll([...tabs, bystander])
  })

  test('[CON-6] signals have a bucket of their own: 200 at once, untouched by other frames', async () => {
    const room = unique('signals')
    const ann = await connect(server)
    const bob = await connect(server)
    await ann.join(room)
    await bob.join(room)
    for (let n = 0; n < 100; n++) ann.send({ type: 'ping', t: n })
    for (let n = 0; n < 190; n++) ann.send({ type: 'webrtc-signal', id: `s${n}`, room, to: bob.peerId, signal: n })
    expect((await ann.reply('s189')).type).toBe('ack')
    expect(await bob.next('webrtc-signal', frame => frame.signal === 189)).toBeDefined()
    expect(bob.all('webrtc-signal').map(frame => frame.signal)).toEqual(Array.from({ length: 190 }, (_, n) => n))
    for (let n = 0; n < 400; n++) ann.send({ type: 'webrtc-signal', id: `t${n}`, room, to: bob.peerId, signal: n })
    await ann.reply('t399')
    expect(ann.all('error', error => error.ref?.startsWith('t') ?? false).length).toBeGreaterThan(0)
    await closeAll([ann, bob])
  })
})

test('[CON-6] the 33rd connection that authenticates by frame is told, and closed with 4429', async () => {
  const user = await createUser(server)
  const clients = await Promise.all(Array.from({ length: 32 }, () => connect(server, { token: user.token })))
  const late = await open(server)
  late.send({ type: 'auth', id: 'late', token: user.token })
  expect((await late.closed).code).toBe(4429)
  const error = late.all('error')[0]
  if (error) expect(error).toMatchObject({ code: 'rate_limited', retry_after_ms: expect.any(Number) })
  await Promise.all(clients.map(client => client.settle()))
  await closeAll(clients)
})

test('[CON-6] an address has at most 64 connections, of whomever', async () => {
  const users = await Promise.all(Array.from({ length: 7 }, () => createUser(server)))
  const clients = await waitFor(async () => {
    const opened = await Promise.allSettled(Array.from({ length: 64 }, (_, n) => open(server, { user: users[n % 7] })))
    const good = opened.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
    if (good.length === 64) return good
    await closeAll(good)
    return undefined
  }, { what: '64 connections after those of the other tests have ended' })
  await isRefused({})
  await isRefused({ headers: { 'x-forwarded-for': '203.0.113.9' } })
  const { token } = await createUser(server)
  for (const transport of ['sse', 'polling'] as const) await isRefused({ transport, token })
  await closeAll(clients)
  await (await waitFor(() => open(server))).close()
})

test('[CON-6] new guests from one address are limited too, with 429 and Retry-After', async () => {
  const responses = await Promise.all(Array.from({ length: 90 }, () => fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"Ann"}',
  })))
  const limited = responses.filter(response => response.status === 429)
  expect(limited.length).toBeGreaterThan(0)
  for (const response of limited) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('[CON-6] behind a trusted proxy the address is the one the proxy saw, and the limits can be set', async () => {
  await server.restart({ NUXT_TRUST_PROXY: 'true', NUXT_LIMITS_CONNECTIONS_PER_ADDRESS: '2', NUXT_LIMITS_CHAT_BURST: '3', NUXT_LIMITS_CHAT_RATE: '1' })
  const from = (address: string): ConnectOptions => ({ headers: { 'x-forwarded-for': address } })
  const first = await connect(server, from('203.0.113.1'))
  await connect(server, from('203.0.113.1'))
  await isRefused(from('203.0.113.1'))
  await isRefused(from('198.51.100.7, 203.0.113.1'))
  const other = await connect(server, from('203.0.113.2'))
  await other.join('lobby')
  await first.join('lobby')
  for (let n = 0; n < 3; n++) await first.chat('lobby', `${n}`)
  expect(await first.refused({ type: 'chat', room: 'lobby', text: 'x', client_msg_id: 'x' })).toMatchObject({ code: 'rate_limited' })
})
