import { expect, onTestFinished, test } from 'vitest'
import { ChaosClient, newProfile } from '../support/chaos/client'
import { startFaultProxy } from '../support/fault-proxy'
import { History } from '../support/history'
import { startServer } from '../support/server'
import { createUser } from '../support/session'
import { pause, waitFor } from '../support/wait'
import { LIMITS } from '#shared/protocol/limits'

test('[CON-8] [FLAG-2] a transport that was given up while it opened does not cost the tab the one it uses', { timeout: 60_000 }, async () => {
  const server = await startServer()
  onTestFinished(() => server.stop())
  const proxy = await startFaultProxy(server)
  onTestFinished(() => proxy.close())
  const user = await createUser(server, 'Ann')
  const history = new History()
  const client = new ChaosClient({ user, proxy, rooms: ['lobby'], transport: 'websocket', profile: newProfile(), log: history.client('Ann', user.id) })
  onTestFinished(() => client.close())
  await waitFor(() => client.last('lobby') !== undefined)
  // The server opens the polling connection; its answer does not come through before another transport is chosen.
  proxy.set({ down: { hole: true } })
  client.switchTo('polling')
  await pause(1_000)
  client.switchTo('websocket')
  proxy.heal()
  await pause(LIMITS.replacedAfterMs + 2_000)
  expect([client.status, client.transport]).toEqual(['connected', 'websocket'])
  client.say('lobby', 'still here')
  await waitFor(() => client.last('lobby') === 1 && client.pending.length === 0, { what: () => client.story })
})
