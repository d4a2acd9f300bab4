import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, expect, it } from 'vitest'
import { connectionsMade, enterCall, seesMoving, tile } from '../support/call'
import type { Caller } from '../support/call'
import { shownTexts, write } from '../support/chat'
import { browser, product, server } from '../support/product'
import { createUser, unique } from '../support/session'
import { readStoredRooms } from '../support/stored-log'
import { pictureGap, watchPicture } from '../support/video'
import { waitFor } from '../support/wait'

const callers: Caller[] = []

product()
afterEach(async () => {
  const errors = callers.flatMap(caller => caller.errors.map(error => `${caller.name}: ${error}`))
  await Promise.all(callers.splice(0).map(caller => caller.context.close()))
  expect(errors.filter(error => !/WebSocket|ERR_CONNECTION_REFUSED/.test(error))).toEqual([])
})

/** Writes numbered messages, one after the other, until told to stop. */
function burst(page: Page, name: string): { texts: readonly string[], stop: () => Promise<readonly string[]> } {
  const texts: string[] = []
  let running = true
  const done = (async () => {
    while (running) {
      const text = `${name} says ${texts.length + 1}.`
      await write(page, text)
      texts.push(text)
    }
  })()
  return {
    texts,
    async stop() {
      running = false
      await done
      return texts
    },
  }
}

it('[FLAG-2] moves over all transports and back during a call and a burst, and nobody notices', async () => {
  const admin = await createUser(server, 'Admin')
  await server.restart({ NUXT_ADMINS: admin.id })
  const room = unique('move')
  const ann = await enterCall(browser, server, room, 'Ann')
  const bob = await enterCall(browser, server, room, 'Bob')
  callers.push(ann, bob)
  for (const one of [ann, bob]) await seesMoving(one.page, 1)
  const made = await connectionsMade(ann.page)
  await watchPicture(tile(ann.page, 'Bob'))
  await watchPicture(tile(bob.page, 'Ann'))

  const bursts = [burst(ann.page, 'Ann'), burst(bob.page, 'Bob')]
  for (const [transport, words] of [['sse', 'Live over SSE'], ['polling', 'Live over polling'], ['websocket', 'Live']] as const) {
    const response = await fetch(`${server.url}/api/transport`, { method: 'PUT', headers: { 'cookie': admin.cookie, 'content-type': 'application/json' }, body: JSON.stringify({ default: transport }) })
    expect(response.status).toBe(200)
    for (const { page } of [ann, bob]) await page.getByRole('button', { name: `Connection: ${words}`, exact: true }).waitFor()
    const before = bursts.map(one => one.texts.length)
    await waitFor(() => bursts.every((one, index) => one.texts.length > before[index]! + 4), { what: 'messages over this transport' })
  }
  const written = await Promise.all(bursts.map(one => one.stop()))

  await waitFor(async () => await ann.page.locator('[aria-busy="true"]').count() + await bob.page.locator('[aria-busy="true"]').count() === 0, { what: 'the last message to be sent' })
  const stored = () => readStoredRooms(join(server.dataDir, 'lastra.db')).get(room)!.messages.map(message => message.text)
  expect(['Ann', 'Bob'].map(name => stored().filter(text => text.startsWith(name)))).toEqual(written)
  for (const { page } of [ann, bob]) {
    expect(await shownTexts(page, /\w+ says \d+\./)).toEqual(stored())
  }
  expect(await connectionsMade(ann.page)).toBe(made)
  for (const gap of [await pictureGap(tile(ann.page, 'Bob')), await pictureGap(tile(bob.page, 'Ann'))]) expect(gap).toBeLessThan(500)
}, 120_000)
