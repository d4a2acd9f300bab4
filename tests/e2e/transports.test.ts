import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { messages, openChat, write } from '../support/chat'
import type { Writer } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

const writers: Writer[] = []

async function enter(room: string, name: string, options: Parameters<typeof openChat>[4] = {}): Promise<Writer> {
  const writer = await openChat(browser, server, room, name, options)
  writers.push(writer)
  return writer
}

/** Waits until the page says what carries its connection. */
function says(page: Page, words: 'Live' | 'Live over SSE' | 'Live over polling', timeout = 10_000): Promise<void> {
  return page.getByRole('button', { name: `Connection: ${words}`, exact: true }).waitFor({ timeout })
}

product()
afterEach(async () => {
  const errors = writers.flatMap(writer => writer.errors.map(error => `${writer.name}: ${error}`))
  await Promise.all(writers.splice(0).map(writer => writer.context.close()))
  // A socket that is blocked and a server that is restarted on purpose are errors to the browser.
  expect(errors.filter(error => !/WebSocket|ERR_CONNECTION/.test(error))).toEqual([])
})

describe('[FLAG-1] the address', () => {
  it.each([['websocket', 'Live'], ['sse', 'Live over SSE'], ['polling', 'Live over polling']] as const)('asks for %s, and the page says so', async (transport, words) => {
    const room = unique(transport)
    const ann = await enter(room, 'Ann', { query: `?transport=${transport}` })
    const bob = await enter(room, 'Bob')
    await says(ann.page, words)
    await says(bob.page, 'Live')
    await write(ann.page, 'from here')
    await messages(bob.page, 'from here').waitFor()
    await write(bob.page, 'and back')
    await messages(ann.page, 'and back').waitFor()
  })
})

describe('[FLAG-1] a WebSocket that is blocked', () => {
  /** Ways in which networks keep WebSockets out, each to be lifted again. */
  const blocks: Record<string, (page: Page, isBlocked: () => boolean) => Promise<void>> = {
    'is refused': (page, isBlocked) => page.routeWebSocket(/chat\.ws/, socket => void (isBlocked() ? socket.close({ code: 1008 }) : socket.connectToServer())),
    'is never answered': (page, isBlocked) => page.routeWebSocket(/chat\.ws/, socket => void (!isBlocked() && socket.connectToServer())),
    'opens and dies': (page, isBlocked) => page.routeWebSocket(/chat\.ws/, (socket) => {
      const up = socket.connectToServer()
      up.onMessage((message) => {
        socket.send(message)
        if (isBlocked()) setTimeout(() => socket.close({ code: 1011 }), 50)
      })
    }),
  }

  it.each(Object.keys(blocks))('%s: the page is on SSE within 5 s, says why, and is back within 60 s of unblocking', async (kind) => {
    let blocked = true
    const room = unique('blocked')
    const bob = await enter(room, 'Bob')
    const started = performance.now()
    const ann = await enter(room, 'Ann', { prepare: page => blocks[kind]!(page, () => blocked) })
    await says(ann.page, 'Live over SSE', 5_000)
    expect(performance.now() - started).toBeLessThan(7_000)
    await ann.page.getByRole('button', { name: 'Connection: Live over SSE' }).click()
    await ann.page.getByRole('dialog', { name: 'Connection' }).getByText('WebSocket blocked, using SSE').waitFor()
    await write(bob.page, 'while blocked')
    await messages(ann.page, 'while blocked').waitFor()

    blocked = false
    await says(ann.page, 'Live', 60_000)
    await ann.page.getByRole('dialog', { name: 'Connection' }).getByText('WebSocket works again').waitFor()
    await write(ann.page, 'back again')
    await messages(bob.page, 'back again').waitFor()
    expect(await messages(ann.page, 'while blocked').count()).toBe(1)
  }, 90_000)
})

describe('[J5] the testers\' panel', () => {
  it('switches, says why, breaks the network for real, counts, and exports', async () => {
    const room = unique('panel')
    const bob = await enter(room, 'Bob')
    const ann = await enter(room, 'Ann', { query: '?panel=transport' })
    const panel = ann.page.getByRole('region', { name: 'Connection tests' })
    await panel.getByText('The server', { exact: true }).waitFor()

    for (const [name, words] of [['SSE', 'Live over SSE'], ['Polling', 'Live over polling']] as const) {
      await panel.getByRole('radio', { name }).check()
      await says(ann.page, words)
      await panel.getByText('Tester setting of this browser').waitFor()
      await write(ann.page, `over ${name}`)
      await messages(bob.page, `over ${name}`).waitFor()
    }
    await panel.getByRole('radio', { name: 'As the server says' }).check()
    await says(ann.page, 'Live')

    await panel.getByRole('checkbox', { name: 'WebSocket blocked' }).check()
    await says(ann.page, 'Live over SSE', 5_000)
    await panel.getByText('Nothing better works here').waitFor()
    await panel.getByRole('checkbox', { name: 'Offline' }).check()
    await ann.page.getByRole('button', { name: /Connection: Reconnecting/ }).waitFor()
    await write(ann.page, 'while offline')
    await write(bob.page, 'meanwhile here')
    await panel.getByRole('checkbox', { name: 'Offline' }).uncheck()
    await messages(bob.page, 'while offline').waitFor({ timeout: 40_000 })
    await messages(ann.page, 'meanwhile here').waitFor()
    await panel.getByRole('checkbox', { name: 'WebSocket blocked' }).uncheck()
    await says(ann.page, 'Live', 60_000)

    await panel.getByRole('checkbox', { name: 'Slow, 1.5 s each way' }).check()
    const before = performance.now()
    await write(ann.page, 'slowly')
    await messages(bob.page, 'slowly').waitFor()
    expect(performance.now() - before).toBeGreaterThan(1_000)
    await panel.getByRole('checkbox', { name: 'Slow, 1.5 s each way' }).uncheck()

    const download = ann.page.waitForEvent('download')
    await panel.getByRole('button', { name: 'Export as JSON' }).click()
    const exported = JSON.parse(await readFile(await (await download).path(), 'utf8')) as { transport: string, counters: Record<string, Record<string, number>> }
    expect(exported.transport).toBe('websocket')
    for (const name of ['websocket', 'sse', 'polling']) {
      expect(exported.counters[name]!.framesIn).toBeGreaterThan(2)
      expect(exported.counters[name]!.framesOut).toBeGreaterThan(0)
      expect(exported.counters[name]!.switches).toBeGreaterThan(0)
    }
    expect(exported.counters.sse!.resumes).toBeGreaterThan(0)
    await ann.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  }, 150_000)

  it('[FLAG-1] sets the transport of everyone for an administrator, and running pages follow', async () => {
    const room = unique('policy')
    const bob = await enter(room, 'Bob')
    const ann = await enter(room, 'Ann', { query: '?panel=transport' })
    const session = await (await ann.context.request.get('/api/session')).json() as { user: { id: string } }
    await server.restart({ NUXT_ADMINS: session.user.id })
    await ann.page.reload()
    const form = ann.page.getByRole('form', { name: 'For everyone' })
    await form.getByRole('combobox', { name: 'Default' }).selectOption('polling')
    const before = performance.now()
    await form.getByRole('button', { name: 'Save for everyone' }).click()
    await form.getByRole('status').waitFor()
    for (const { page } of [ann, bob]) await says(page, 'Live over polling', 30_000)
    expect(performance.now() - before).toBeLessThan(30_000)
    await form.getByRole('spinbutton', { name: 'SSE, %' }).fill('80')
    await form.getByRole('spinbutton', { name: 'WebSocket, %' }).fill('30')
    await form.getByRole('button', { name: 'Save for everyone' }).click()
    await form.getByText('The shares are more than 100 % together.').waitFor()
    await form.getByRole('spinbutton', { name: 'WebSocket, %' }).fill('0')
    await form.getByRole('spinbutton', { name: 'SSE, %' }).fill('100')
    await form.getByRole('button', { name: 'Save for everyone' }).click()
    for (const { page } of [ann, bob]) await says(page, 'Live over SSE', 30_000)
    await form.getByRole('spinbutton', { name: 'SSE, %' }).fill('0')
    await form.getByRole('combobox', { name: 'Default' }).selectOption('auto')
    await form.getByRole('button', { name: 'Save for everyone' }).click()
    for (const { page } of [ann, bob]) await says(page, 'Live', 30_000)
  }, 90_000)
})
