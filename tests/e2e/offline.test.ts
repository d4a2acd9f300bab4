import { afterEach, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { field, isLive, messages, openChat, write } from '../support/chat'
import type { Writer } from '../support/chat'
import { kept, shows, words } from '../support/offline'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

const contexts: BrowserContext[] = []
const errors: string[] = []

async function enter(room: string, name: string): Promise<Writer> {
  const writer = await openChat(browser, server, room, name)
  contexts.push(writer.context)
  writer.page.on('pageerror', error => errors.push(`${name}: ${error}`))
  return writer
}

/** One more tab of somebody. */
async function openTab(context: BrowserContext, room: string): Promise<Page> {
  const page = await context.newPage()
  page.on('pageerror', error => errors.push(String(error)))
  await page.goto(`/r/${room}`)
  return page
}

async function stopServer(): Promise<void> {
  server.kill('SIGKILL')
  await server.exited()
}

/** The server gives the page and no connection, on whatever transport. */
async function cutOff(page: Page): Promise<void> {
  await page.routeWebSocket(/chat\.ws/, socket => socket.close())
  await page.route(/\/api\/chat\//, route => route.abort())
}

product()
afterEach(async () => {
  await Promise.all(contexts.splice(0).map(context => context.close()))
  expect(errors.splice(0)).toEqual([])
})

test('[A8] [LOG-4] what was written offline outlives a reload and a closed tab, and arrives once and in order', async () => {
  const room = unique('queue')
  const ann = await enter(room, 'Ann')
  const bob = await enter(room, 'Bob')
  await write(ann.page, 'word-zero')
  await messages(bob.page, 'word-zero').waitFor()

  await stopServer()
  for (const text of ['word-one', 'word-two']) await write(ann.page, text)
  await waitFor(async () => await kept(ann.page) === 2)
  // The page comes back from the server, its connection does not: still offline, still there.
  await cutOff(ann.page)
  await server.restart()
  await ann.page.reload()
  await messages(ann.page, 'word-two').waitFor()
  await write(ann.page, 'word-three')
  await waitFor(async () => await kept(ann.page) === 3)
  expect(await words(ann.page)).toEqual(['word-one', 'word-two', 'word-three'])

  await ann.page.close()
  const again = await openTab(ann.context, room)
  const all = ['word-zero', 'word-one', 'word-two', 'word-three']
  for (const page of [again, bob.page]) await shows(page, all)
  await waitFor(async () => await kept(again) === 0)
  await again.reload()
  await isLive(again)
  await shows(again, all)
})

test('[A8] what waits can be changed and taken back, by pointer and by keyboard', async () => {
  const room = unique('change')
  const ann = await enter(room, 'Ann')
  const bob = await enter(room, 'Bob')
  await stopServer()
  for (const text of ['word-one', 'word-tow', 'word-three', 'word-fuor']) await write(ann.page, text)

  await field(ann.page).press('ArrowUp')
  await waitFor(async () => await field(ann.page).inputValue() === 'word-fuor')
  await write(ann.page, 'word-four')
  await messages(ann.page, 'word-tow').hover()
  await messages(ann.page, 'word-tow').getByRole('button', { name: 'Edit' }).click()
  await write(ann.page, 'word-two')
  await ann.page.mouse.move(0, 0)
  await messages(ann.page, 'word-one').focus()
  await messages(ann.page, 'word-one').getByRole('toolbar').waitFor()
  await ann.page.keyboard.press('Tab')
  await ann.page.keyboard.press('Tab')
  await ann.page.keyboard.press('Enter')
  expect(await words(ann.page)).toEqual(['word-two', 'word-three', 'word-four'])
  await waitFor(async () => await kept(ann.page) === 3)

  await server.restart()
  for (const { page } of [ann, bob]) await shows(page, ['word-two', 'word-three', 'word-four'])
  expect(await bob.page.getByText(/\(edited\)|Message deleted/).count()).toBe(0)
})

test('[A8] one person\'s waiting messages are neither shown to nor sent by the next one of the same browser', async () => {
  const room = unique('next')
  const ann = await enter(room, 'Ann')
  const bob = await enter(room, 'Bob')
  await cutOff(ann.page)
  await ann.page.reload()
  await write(ann.page, 'word-ann')
  await waitFor(async () => await kept(ann.page) === 1)
  await ann.context.request.delete('/api/session')
  await ann.context.request.post('/api/session', { data: { name: 'Eve' } })
  await ann.page.close()
  const eve = await openTab(ann.context, room)
  await isLive(eve)
  await write(eve, 'word-eve')
  for (const page of [eve, bob.page]) await shows(page, ['word-eve'])
  expect(await kept(eve)).toBe(1)
})

test('[A8] messages flow where the browser forbids its database', async () => {
  const room = unique('private')
  const bob = await enter(room, 'Bob')
  const { page, context } = await browser.participant(server.url)
  contexts.push(context)
  page.on('pageerror', error => errors.push(String(error)))
  await page.addInitScript(() => {
    Object.defineProperty(globalThis, 'indexedDB', {
      get() {
        throw new DOMException('', 'SecurityError')
      },
    })
  })
  await context.request.post('/api/session', { data: { name: 'Ann' } })
  await page.goto(`/r/${room}`)
  await isLive(page)
  await write(page, 'word-one')
  await shows(bob.page, ['word-one'])
  await stopServer()
  await write(page, 'word-two')
  await server.restart()
  for (const shown of [page, bob.page]) await shows(shown, ['word-one', 'word-two'])
})
