import { afterEach, describe, expect, it } from 'vitest'
import type { BrowserContext, Page } from 'playwright-core'
import { enterCall, joinCall, seesMoving, tile } from '../support/call'
import { field, isLive, messages, openChat, write } from '../support/chat'
import { kept, shows, words } from '../support/offline'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

const contexts: BrowserContext[] = []
const errors: string[] = []

function watched(page: Page): Page {
  page.on('pageerror', error => errors.push(String(error)))
  return page
}

/** Somebody with one tab open in a room. */
async function enter(room: string, name: string): Promise<{ context: BrowserContext, page: Page }> {
  const { context, page } = await openChat(browser, server, room, name)
  contexts.push(context)
  return { context, page: watched(page) }
}

/** One more tab of somebody. */
async function openTab(context: BrowserContext, room: string): Promise<Page> {
  const page = watched(await context.newPage())
  await page.goto(`/r/${room}`)
  await isLive(page)
  return page
}

/** Makes a tab one that is not looked at, or looked at again; headless browsers show all of theirs. */
function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((isHidden) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => isHidden ? 'hidden' : 'visible' })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}

const controls = (page: Page) => page.getByRole('toolbar', { name: 'Call controls' })

product()
afterEach(async () => {
  await Promise.all(contexts.splice(0).map(context => context.close()))
  expect(errors.splice(0)).toEqual([])
})

describe('[J5] one queue', () => {
  it('[LOG-4] is shown in all tabs, and goes on being sent when the tab that sends it is closed', async () => {
    const room = unique('handover')
    const { context, page: one } = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    const two = await openTab(context, room)
    server.kill('SIGKILL')
    await server.exited()
    const all = Array.from({ length: 12 }, (_, n) => `word-${n}`)
    for (const text of all.slice(0, 10)) await write(one, text)
    for (const text of all.slice(10)) await write(two, text)
    for (const page of [one, two]) {
      let seen: string[] = []
      await waitFor(async () => {
        seen = await words(page)
        return JSON.stringify(seen) === JSON.stringify(all)
      }, { what: () => `all of the queue in both tabs, not ${seen.join()}` })
    }
    // Few at a time, so that there is a middle to close a tab in.
    await server.restart({ NUXT_LIMITS_CHAT_RATE: '1', NUXT_LIMITS_CHAT_BURST: '1' })
    await waitFor(async () => (await words(bob.page)).length >= 2, { timeout: 30_000 })
    await one.close()
    expect((await words(bob.page)).length).toBeLessThan(all.length)
    await shows(bob.page, all)
    await shows(two, all)
    await waitFor(async () => await kept(two) === 0)
  })
})

describe('[J5] one read state and one set of drafts', () => {
  it('reading in one tab clears what is unread in the others', async () => {
    const room = unique('read')
    const { context, page: one } = await enter(room, 'Ann')
    const two = await openTab(context, room)
    const bob = await enter(room, 'Bob')
    for (const page of [one, two]) await setHidden(page, true)
    for (const text of ['word-one', 'word-two']) await write(bob.page, text)
    for (const page of [one, two]) await waitFor(async () => (await page.title()).startsWith('(2)'), { what: 'two unread' })
    await setHidden(one, false)
    for (const page of [one, two]) await waitFor(async () => !(await page.title()).startsWith('('), { what: 'nothing unread' })
    await write(bob.page, 'word-three')
    await waitFor(async () => !(await one.title()).startsWith('(') && await messages(two, 'word-three').count() === 1)
    await waitFor(async () => !(await two.title()).startsWith('('), { what: 'nothing unread in the hidden tab' })
  })

  it('a draft appears in the other tab, and goes when it is sent', async () => {
    const room = unique('draft')
    const { context, page: one } = await enter(room, 'Ann')
    const two = await openTab(context, room)
    await field(one).pressSequentially('half a thought')
    await waitFor(async () => await field(two).inputValue() === 'half a thought')
    await field(one).press('Enter')
    await messages(one, 'half a thought').waitFor()
    await waitFor(async () => await field(two).inputValue() === '')
    // What is being written is left alone.
    await field(two).pressSequentially('mine')
    await field(one).pressSequentially('yours')
    expect(await field(two).inputValue()).toBe('mine')
  })
})

describe('[J5] one person', () => {
  it('a new name or another person in one tab is the same in all', async () => {
    const room = unique('person')
    const { context, page: one } = await enter(room, 'Ann')
    const two = await openTab(context, room)
    await two.getByRole('button', { name: 'Room options' }).click()
    await two.getByRole('menuitem', { name: 'Change your name' }).click()
    await two.getByRole('textbox', { name: 'Your name' }).fill('Anna')
    await two.getByRole('button', { name: 'Save' }).click()
    await isLive(one)
    await write(one, 'word-one')
    for (const page of [one, two]) await messages(page, 'Anna').filter({ hasText: 'word-one' }).waitFor()

    await context.request.delete('/api/session')
    await two.reload()
    await two.getByRole('textbox', { name: 'Your name' }).waitFor()
    await one.getByRole('textbox', { name: 'Your name' }).waitFor()
    await two.getByRole('textbox', { name: 'Your name' }).fill('Eve')
    await two.getByRole('button', { name: 'Enter room' }).click()
    await isLive(two)
    await isLive(one)
    await write(one, 'word-two')
    await messages(two, 'Eve').filter({ hasText: 'word-two' }).waitFor()
  })
})

describe('[J5] one call', () => {
  it('is moved to another tab with what was on, and the others go on seeing', async () => {
    const room = unique('move')
    const ann = await enterCall(browser, server, room, 'Ann')
    const bob = await enterCall(browser, server, room, 'Bob')
    contexts.push(ann.context, bob.context)
    for (const one of [ann, bob]) await seesMoving(one.page, 1)
    await ann.page.keyboard.press('m')
    await ann.page.keyboard.press('h')
    await tile(bob.page, 'Ann').getByRole('img', { name: 'Hand raised' }).waitFor()

    const other = await openTab(ann.context, room)
    await other.getByText('You are in this call in another tab').waitFor()
    await other.getByRole('button', { name: 'Move the call here' }).click()
    await controls(other).waitFor()
    await controls(ann.page).waitFor({ state: 'detached' })
    await ann.page.getByText('You are in this call in another tab').waitFor()
    expect(await ann.page.locator('video').count()).toBe(0)
    await other.getByRole('button', { name: /Unmute/ }).waitFor()
    await seesMoving(bob.page, 1)
    expect(await tile(bob.page, 'Ann').count()).toBe(1)
    await tile(bob.page, 'Ann').getByRole('img', { name: 'Microphone off' }).waitFor()
    await tile(bob.page, 'Ann').getByRole('img', { name: 'Hand raised' }).waitFor()

    // And back, from where one is about to join.
    await ann.page.getByRole('button', { name: 'Join here too' }).click()
    await ann.page.getByRole('region', { name: 'Ready to join?' }).getByRole('button', { name: 'Move the call here' }).click()
    await controls(ann.page).waitFor()
    await controls(other).waitFor({ state: 'detached' })
    await seesMoving(bob.page, 1)
    await seesMoving(ann.page, 1)
  })

  it('is not joined by a duplicated tab, and a tab that is gone holds it no longer', async () => {
    const room = unique('copy')
    const { context, page } = await enter(room, 'Ann')
    await joinCall(page)
    // What a browser does when a tab is duplicated: its session storage goes along.
    const storage = await page.evaluate(() => ({ ...sessionStorage }))
    expect(storage['lastra:call']).toContain(room)
    const copy = watched(await context.newPage())
    await copy.addInitScript((entries) => {
      if (sessionStorage.length === 0) for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value)
    }, storage)
    await copy.goto(`/r/${room}`)
    await copy.getByText('You are in this call in another tab').waitFor()
    expect(await controls(copy).count()).toBe(0)
    await page.close({ runBeforeUnload: false })
    await copy.getByRole('button', { name: /^Join the call/ }).waitFor()
    await joinCall(copy)
  })
})
