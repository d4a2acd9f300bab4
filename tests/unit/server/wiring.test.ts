import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, test, vi } from 'vitest'
import { readConfig } from '../../../server/config'
import { startLastra } from '../../../server/lastra'
import { FakeTransport } from '../../support/fake-transport'

vi.mock('#docs', () => ({ default: [] }))

const folders: string[] = []
afterAll(() => Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true }))))

test('[CON-12] signing out closes that sign-in\'s connections at once, and those let in meanwhile; what else it held ends too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lastra-wiring-'))
  folders.push(folder)
  // The product's own settings, whatever they are by now.
  vi.stubGlobal('defineNuxtConfig', (given: unknown) => given)
  const { runtimeConfig } = (await import('../../../nuxt.config')).default as { runtimeConfig: object }
  const config = readConfig({ ...runtimeConfig, dataDir: folder } as unknown as Parameters<typeof readConfig>[0])
  const lastra = await startLastra(config, pino({ level: 'silent' }))
  const { token } = await lastra.identities.createGuest('Ann', 'here')
  const identity = (await lastra.identities.verify(token))!
  const renewed = await lastra.identities.renew(identity)
  const transport = new FakeTransport()
  const connection = lastra.realtime.open({ transport, address: 'here', identity })
  let ended = 0
  lastra.sessionEnds.on(identity.sid, () => ended++)
  await lastra.identities.revoke(token)
  expect([connection.state.phase, ended]).toEqual(['closed', 1])
  const late = lastra.realtime.open({ transport: new FakeTransport(), address: 'here', identity })
  expect(late.state.phase).toBe('closed')
  expect([await lastra.identities.verify(token), await lastra.identities.verify(renewed)]).toEqual([undefined, undefined])
  await lastra.stop()
})
