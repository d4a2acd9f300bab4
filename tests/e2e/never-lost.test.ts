import { afterEach, expect, test } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { field, isLive, messages, openChat, write } from '../support/chat'
import type { Writer } from '../support/chat'
import { kept, shows } from '../support/offline'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

const contexts: BrowserContext[] = []
const errors: string[] = []

async function enter(room: string, name: string, prepare?: (page: Page) => Promise<void>): Promise<Writer> {
  const writer = await openChat(browser, server, room, name, { prepare })
  contexts.push(writer.context)
  writer.page.on('pageerror', error => errors.push(`${name}: ${error}`))
  return writer
}

async function act(page: Page, text: string, name: string) {
  await messages(page, text).hover()
  await messages(page, text).getByRole('button', { name, exact: true }).first().click()
}

product()
afterEach(async () => {
  await Promise.all(contexts.splice(0).map(context => context.close()))
  expect(errors.splice(0)).toEqual([])
})

test('[A8] a text leaves its field only for somewhere safe: the 101st message, and an edit of a message that is gone', async () => {
  const room = unique('safe')
  const ann = await enter(room, 'Ann')
  await write(ann.page, 'word-one')
  await waitFor(async () => await kept(ann.page) === 0)
  await act(ann.page, 'word-one', 'Edit')
  /** What the log has, as anyone may ask it. */
  const newest = () => ann.page.evaluate(async (name) => {
    const response = await fetch(`/api/rooms/${name}/messages?limit=1`)
    const { messageId, deleted, content } = (await response.json() as { messages: { messageId: string, deleted?: boolean, content: { text: string } }[] }).messages[0]!
    return { messageId, deleted, text: content.text }
  }, room)
  const { messageId } = await newest()
  await field(ann.page).fill('my better words')
  const other = await ann.context.newPage()
  await other.goto(`/r/${room}`)
  await act(other, 'word-one', 'Delete')
  await other.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click()
  await ann.page.getByText('Message deleted').waitFor()
  expect(await newest()).toEqual({ messageId, deleted: true, text: '' })
  await field(ann.page).press('Enter')
  await ann.page.getByText('Edit not saved.').first().waitFor()
  expect(await field(ann.page).inputValue()).toBe('my better words')
  expect(await ann.page.getByText('Editing your message').count()).toBe(0)

  await other.close()
  await ann.page.routeWebSocket(/chat\.ws/, socket => socket.close())
  await ann.page.route(/\/api\/chat\//, route => route.abort())
  await ann.page.reload()
  await field(ann.page).waitFor()
  expect(await field(ann.page).inputValue(), 'the draft outlives the page').toBe('my better words')
  for (let n = 1; n <= 100; n++) await write(ann.page, `m${n}`)
  await write(ann.page, 'the 101st')
  await ann.page.getByText('Too many messages are waiting').first().waitFor()
  expect(await field(ann.page).inputValue()).toBe('the 101st')
})

test('a reaction that is taken back before its answer came is not there', async () => {
  const room = unique('toggle')
  const ann = await enter(room, 'Ann', async page => page.routeWebSocket(/chat\.ws/, (socket) => {
    const far = socket.connectToServer()
    socket.onMessage(frame => void setTimeout(() => far.send(frame), 200))
  }))
  await write(ann.page, 'word-one')
  await shows(ann.page, ['word-one'])
  await messages(ann.page, 'word-one').hover()
  await messages(ann.page, 'word-one').getByRole('button', { name: 'React with 👍' }).evaluate((button) => {
    for (let n = 0; n < 2; n++) (button as HTMLElement).click()
  })
  await write(ann.page, 'word-two')
  await shows(ann.page, ['word-one', 'word-two'])
  const stored = await ann.page.evaluate(async name => (await (await fetch(`/api/rooms/${name}/messages?limit=9`)).json() as { messages: { reactions?: object }[] }).messages, room)
  expect(stored.map(({ reactions }) => reactions ?? {})).toEqual([{}, {}])
})

test('[A8] what is written on one\'s own is not the next person\'s, and is there for who comes back', async () => {
  const room = unique('drafts')
  const ann = await enter(room, 'Ann')
  const cookies = await ann.context.cookies()
  await field(ann.page).fill('of Ann')
  await ann.context.clearCookies()
  await ann.context.request.post('/api/session', { data: { name: 'Eve' } })
  await ann.page.reload()
  await isLive(ann.page)
  expect(await field(ann.page).inputValue()).toBe('')
  await ann.context.clearCookies()
  await ann.context.addCookies(cookies)
  await ann.page.reload()
  await isLive(ann.page)
  expect(await field(ann.page).inputValue()).toBe('of Ann')
})

test('every page works where the browser forbids its storage, and says so', async () => {
  const room = unique('forbidden')
  const { page, context } = await browser.participant(server.url)
  contexts.push(context)
  page.on('pageerror', error => errors.push(String(error)))
  await page.addInitScript(() => {
    const forbidden = {
      get() {
        throw new DOMException('Access is denied for this document.', 'SecurityError')
      },
    }
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) Object.defineProperty(globalThis, name, forbidden)
    Object.defineProperty(Navigator.prototype, 'locks', forbidden)
    globalThis.BroadcastChannel = function () {
      forbidden.get()
    } as unknown as typeof BroadcastChannel
  })
  await page.goto('/')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.getByText('This browser keeps nothing for this site').first().waitFor()
  const dark = await page.locator('html.dark').count()
  await page.getByRole('button', { name: /theme/ }).first().click()
  await waitFor(async () => await page.locator('html.dark').count() !== dark)
  await page.goto('/agents')
  await page.getByRole('heading').first().waitFor()
  await page.goto('/personas')
  await page.getByRole('heading').first().waitFor()
  await page.goto(`/r/${room}`)
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ann')
  await page.getByRole('button', { name: 'Enter room' }).click()
  await isLive(page)
  await write(page, 'word-one')
  await shows(page, ['word-one'])
})

test('a server that stands still is doubted, and what is written says that it is not there yet', async () => {
  const room = unique('frozen')
  const ann = await enter(room, 'Ann')
  server.kill('SIGSTOP')
  try {
    await write(ann.page, 'word-one')
    await messages(ann.page, 'word-one').getByText('Sending…').waitFor()
    await ann.page.getByRole('button', { name: /^Connection: No answer for \d+ s$/ }).waitFor()
    await ann.page.getByRole('button', { name: /^Connection: (Reconnecting|Connecting)/ }).waitFor({ timeout: 20_000 })
    await messages(ann.page, 'word-one').getByText('Sent when the connection is back').waitFor()
  } finally {
    server.kill('SIGCONT')
  }
  await isLive(ann.page)
  await shows(ann.page, ['word-one'])
})

test('[A8] an edit and a deletion made without a connection are shown at once, outlive a reload and arrive in order', async () => {
  const room = unique('wishes')
  const ann = await enter(room, 'Ann')
  const bob = await enter(room, 'Bob')
  for (const text of ['word-one', 'word-two']) await write(ann.page, text)
  await messages(bob.page, 'word-two').waitFor()
  // What edits and deletes is fetched as soon as somebody writes, though nobody has used it yet.
  await ann.page.waitForFunction(() => performance.getEntriesByName('writing-there').length > 0)

  server.kill('SIGKILL')
  await server.exited()
  await act(ann.page, 'word-one', 'Edit')
  await write(ann.page, 'word-uno')
  await messages(ann.page, 'word-uno').getByText('Sent when the connection is back').waitFor()
  await act(ann.page, 'word-two', 'Delete')
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete message' }).click()
  await write(ann.page, 'word-three')
  await waitFor(async () => await kept(ann.page) === 3)
  await ann.page.routeWebSocket(/chat\.ws/, socket => socket.close())
  await ann.page.route(/\/api\/chat\//, route => route.abort())
  await server.restart()
  await ann.page.reload()
  await messages(ann.page, 'word-three').waitFor()
  await ann.page.close()

  const again = await ann.context.newPage()
  await again.goto(`/r/${room}`)
  for (const page of [again, bob.page]) await shows(page, ['word-uno', 'word-three'])
  await bob.page.getByText('Message deleted').waitFor()
})

test('[A8] an edit that is half written outlives a reload, and a closed page, as drafts do', async () => {
  const ann = await enter(unique('half'), 'Ann')
  await write(ann.page, 'word-one')
  await messages(ann.page, 'word-one').waitFor()
  await act(ann.page, 'word-one', 'Edit')
  await field(ann.page).fill('word-half')
  await ann.page.reload()
  await ann.page.getByText('Editing your message').waitFor()
  expect(await field(ann.page).inputValue()).toBe('word-half')
  const address = ann.page.url()
  await ann.page.close({ runBeforeUnload: true })
  const again = await ann.context.newPage()
  await again.goto(address)
  await isLive(again)
  await waitFor(async () => await field(again).inputValue() === 'word-half', { what: 'the half of an edit in the next page' })
  await field(again).press('Enter')
  await messages(again, 'word-half').waitFor()
  expect(await again.getByText('Editing your message').count()).toBe(0)
})

test('[A8] what waits when a session runs out is given back to who gives the same name there', async () => {
  const ann = await enter(unique('ran-out'), 'Ann')
  await ann.context.setOffline(true)
  await ann.page.getByRole('button', { name: /^Connection: (?!Live)/ }).waitFor({ timeout: 40_000 })
  await write(ann.page, 'word-away')
  await waitFor(async () => await kept(ann.page) === 1)
  await ann.context.clearCookies()
  await ann.context.setOffline(false)
  await ann.page.getByRole('textbox', { name: 'Your name' }).waitFor({ timeout: 40_000 })
  await ann.page.getByRole('button', { name: 'Enter room' }).click()
  await isLive(ann.page)
  expect(await field(ann.page).inputValue()).toBe('word-away')
  expect(await kept(ann.page)).toBe(0)
  expect(await messages(ann.page, 'word-away').count()).toBe(0)
})
