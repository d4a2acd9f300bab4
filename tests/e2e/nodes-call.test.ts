import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { enterCall, seesMoving, tile } from '../support/call'
import { startManyNodes } from '../support/many-nodes'
import type { ManyNodes } from '../support/many-nodes'
import { unique } from '../support/session'
import type { TestServer } from '../support/server'

let many: ManyNodes
let browser: TestBrowser
beforeAll(async () => {
  many = await startManyNodes()
  browser = await startBrowser()
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await many?.stop()
})

it('[MANY-1] [RTC-1] three in browsers see each other move, and what they switch, whichever nodes they are on', { timeout: 120_000 }, async () => {
  const room = unique('nodes')
  // The proxy in place of a server: nothing but its address is asked for.
  const server = { ...many.nodes[0]!, url: many.url, wsUrl: many.wsUrl } satisfies TestServer
  const callers = []
  for (const name of ['Ann', 'Bob', 'Cleo']) callers.push(await enterCall(browser, server, room, name))
  const [ann, bob, cleo] = callers
  for (const one of callers) await seesMoving(one.page, 2)
  await bob!.page.getByRole('button', { name: /Mute/ }).click()
  await tile(ann!.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()
  await tile(cleo!.page, 'Bob').getByRole('img', { name: 'Microphone off' }).waitFor()
  await bob!.page.getByRole('button', { name: /Leave/ }).click()
  for (const one of [ann!, cleo!]) await tile(one.page, 'Bob').waitFor({ state: 'detached' })
  expect(callers.flatMap(({ errors }) => errors)).toEqual([])
  await Promise.all(callers.map(({ context }) => context.close()))
})
