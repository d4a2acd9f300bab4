import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { enterCall, seesMoving, tile } from '../support/call'
import { freePort, startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'
import { createTurn } from '../support/turn'
import type { TestTurn } from '../support/turn'

/** A network that lets nothing through but a relay. */
function relayOnly() {
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (target, [config]: [RTCConfiguration?]) => new target({ ...config, iceTransportPolicy: 'relay' }),
  })
}

describe('[RTC-3] a call through a TURN server', () => {
  let server: TestServer
  let browser: TestBrowser
  let turn: TestTurn
  const secret = 'a test\'s own'

  beforeAll(async () => {
    const port = await freePort()
    turn = await createTurn(port, secret)
    await turn.start()
    server = await startServer({ env: { NUXT_TURN_URLS: `turn:127.0.0.1:${port}?transport=udp`, NUXT_TURN_SECRET: secret } })
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await turn?.stop()
  })

  it('[B5] is relayed with time-limited credentials, and heals within 5 s once ICE has lost its path', async () => {
    const room = unique('relay')
    const ann = await enterCall(browser, server, room, 'Ann', { prepare: relayOnly })
    const bob = await enterCall(browser, server, room, 'Bob', { prepare: relayOnly })
    for (const one of [ann, bob]) await seesMoving(one.page, 1)

    await turn.kill()
    await tile(ann.page, 'Bob').getByText('Reconnecting…').waitFor()
    const lost = performance.now()
    await turn.start()
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    expect(performance.now() - lost).toBeLessThan(5_000)
    await Promise.all([ann.context.close(), bob.context.close()])
  })

  it('[B6] says that the TURN server does not answer when its secret is wrong', async () => {
    await server.restart({ NUXT_TURN_SECRET: 'another' })
    const room = unique('refused')
    const ann = await enterCall(browser, server, room, 'Ann', { prepare: relayOnly })
    const bob = await enterCall(browser, server, room, 'Bob', { prepare: relayOnly })
    await tile(ann.page, 'Bob').getByText('Cannot reach Bob: the TURN server does not answer').waitFor({ timeout: 40_000 })
    await Promise.all([ann.context.close(), bob.context.close()])
  })
})
