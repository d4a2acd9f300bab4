import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrival, joinStream, openPoll, openSocket, poll } from '../support/https'
import { startProxy } from '../support/proxies'
import type { ProxyKind, TestProxy } from '../support/proxies'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { createUser, unique } from '../support/session'
import type { TestUser } from '../support/session'
import { pause, waitFor } from '../support/wait'

let server: TestServer
let user: TestUser

beforeAll(async () => {
  server = await startServer({ env: { NUXT_TRUST_PROXY: 'true' } })
  user = await createUser(server)
})
afterAll(() => server?.stop())

/** A proxy with every timeout of its file that bounds silence made shorter. */
function impatient(kind: ProxyKind, timeout: string): Promise<TestProxy> {
  return startProxy(kind, { port: server.port, change: config => config.replaceAll(/\b60s/g, timeout) })
}

describe.concurrent.each(['nginx', 'haproxy'] as const)('[CON-4] silence through %s', (kind) => {
  test('with 30 s of patience at the proxy, stream, poll and WebSocket live on', async () => {
    const proxy = await impatient(kind, '30s')
    const room = unique('silent')
    const stream = await joinStream(proxy, `room=${room}`, { as: user })
    const socket = await openSocket(proxy, { as: user })
    await socket.join(room)
    const { connection_id, next } = await openPoll(proxy, unique('empty'), user)
    const began = performance.now()
    const polled = poll(proxy, connection_id, next, 25_000, user)
    await pause(25_000)
    await socket.settle()
    expect(await polled).toMatchObject({ status: 200, body: { frames: [], next } })
    await pause(35_000 - (performance.now() - began))
    await socket.chat(room, 'still here')
    await arrival(stream, 'still here')
    expect(stream.comments).toBeGreaterThanOrEqual(2)
    stream.close()
    await socket.close()
    await proxy.stop()
  })

  test('with 10 s of patience at the proxy, all three are cut', async () => {
    const proxy = await impatient(kind, '10s')
    const stream = await joinStream(proxy, `room=${unique('hasty')}`, { as: user })
    const socket = await openSocket(proxy, { as: user })
    const { connection_id, next } = await openPoll(proxy, unique('empty'), user)
    expect((await poll(proxy, connection_id, next, 25_000, user)).status).toBe(504)
    await waitFor(() => stream.ended)
    expect(stream.events.at(-1)?.frame.type).not.toBe('connection.closed')
    expect((await socket.closed).code).toBe(1006)
    await proxy.stop()
  })
})
