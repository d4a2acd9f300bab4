import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { enterCall, seesMoving } from '../support/call'
import { startServer } from '../support/server'
import { unique } from '../support/session'
import { hasTurnServer, startTurnServer } from '../support/turn'
import { waitFor } from '../support/wait'

let browser: TestBrowser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser?.close())

/** A network that lets nothing through but a relay. */
function relayOnly(): void {
  globalThis.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (target, [config]: [RTCConfiguration?]) => new target({ ...config, iceTransportPolicy: 'relay' }),
  })
}

/** The configuration each connection of the page was made with. */
function configurations(): RTCConfiguration[] {
  const { connections } = (globalThis as unknown as { recorded: { connections: RTCPeerConnection[] } }).recorded
  return connections.map(connection => connection.getConfiguration())
}

test('[RTC-3] the page hands its own credentials for the TURN server to every link', async () => {
  const server = await startServer({ env: { NUXT_TURN_URLS: 'turn:127.0.0.1:9', NUXT_TURN_SECRET: 'some-secret' } })
  const room = unique('turn')
  const ann = await enterCall(browser, server, room, 'Ann')
  const bob = await enterCall(browser, server, room, 'Bob')
  for (const { page } of [ann, bob]) {
    const [config] = await waitFor(async () => {
      const found = await page.evaluate(configurations)
      return found.length > 0 ? found : undefined
    })
    expect(config?.iceServers).toMatchObject([{ urls: expect.anything(), username: expect.stringMatching(/^\d+:\w+$/), credential: expect.stringMatching(/\S/) }])
  }
  await Promise.all([ann.context.close(), bob.context.close()])
  await server.stop()
})

// Where coturn is not installed there is nothing to relay through; .ci/run installs it.
if (hasTurnServer) {
  test('[RTC-3] a call goes through a real TURN server with these credentials', async () => {
    const turn = await startTurnServer()
    const server = await startServer({ env: { NUXT_TURN_URLS: `turn:127.0.0.1:${turn.port}?transport=udp`, NUXT_TURN_SECRET: turn.secret } })
    const room = unique('relay')
    const ann = await enterCall(browser, server, room, 'Ann', { prepare: relayOnly })
    const bob = await enterCall(browser, server, room, 'Bob', { prepare: relayOnly })
    for (const { page } of [ann, bob]) await seesMoving(page, 1, { timeout: 30_000 })
    expect(turn.log()).toMatch(/ALLOCATE processed, success/)
    await Promise.all([ann.context.close(), bob.context.close()])
    await server.stop()
    await turn.stop()
  })
}
