import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startAiServer } from '../support/ai-server'
import type { AiServer } from '../support/ai-server'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { field, isLive, messages, openChat, write } from '../support/chat'
import type { OpenOptions, Writer } from '../support/chat'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

// Several browsers, an engine and a server: on a machine that is busy an answer takes its time.
vi.setConfig({ testTimeout: 120_000 })

let ai: AiServer
let server: TestServer
let browser: TestBrowser
const writers: Writer[] = []
const WORDS = Array.from({ length: 60 }, (_, n) => `word${n} `)
const WHOLE = WORDS.join('').trim()

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_MODEL: 'test-model' } })
  browser = await startBrowser()
})
afterEach(async () => {
  ai.behave({})
  const errors = writers.flatMap(writer => writer.errors.map(error => `${writer.name}: ${error}`))
  await Promise.all(writers.splice(0).map(writer => writer.context.close()))
  // A server that was killed on purpose fails requests; everything else is the product's.
  expect(errors.filter(error => !/WebSocket|ERR_CONNECTION_(?:REFUSED|RESET)/.test(error))).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await ai?.close()
})

async function enter(room: string, name: string, options?: OpenOptions): Promise<Writer> {
  const writer = await openChat(browser, server, room, name, options)
  writers.push(writer)
  return writer
}

function toggle(page: Page, bot = 'Concierge'): Locator {
  return page.getByRole('switch', { name: `${bot} answers in this room` })
}

/** A line of what happened. */
function line(page: Page, text: string): Locator {
  return page.getByRole('group', { name: 'Messages' }).getByText(text)
}

/** A host in a room of their own, in which a bot is on. */
async function withBot(): Promise<{ room: string, ann: Writer }> {
  const room = unique('bots')
  const ann = await enter(room, 'Ann')
  await toggle(ann.page).click()
  await line(ann.page, 'Concierge was switched on by Ann').waitFor()
  return { room, ann }
}

/** The bot's rows in the list, on their way or stored. */
function answers(page: Page): Locator {
  return messages(page, 'test-model')
}

/** The words of an answer as they stand in the page. */
async function words(page: Page): Promise<string[]> {
  return (await answers(page).last().innerText()).match(/word\d+/g) ?? []
}

/** Whether words are the beginning of the answer: none missing, none twice, in order. */
function isBeginning(seen: readonly string[]): boolean {
  return seen.every((word, n) => word === `word${n}`)
}

/** Waits until the whole answer is shown, and looks that it is never anything but a beginning of itself. */
async function heardOut(page: Page): Promise<void> {
  let wrong: string | undefined
  await waitFor(async () => {
    const seen = await words(page)
    if (!isBeginning(seen)) wrong = seen.join(' ')
    return wrong !== undefined || seen.length === WORDS.length
  }, { timeout: 40_000, what: 'the whole answer' })
  expect(wrong).toBeUndefined()
  await stop(page).waitFor({ state: 'detached' })
  expect((await words(page)).join(' ')).toBe(WHOLE)
  expect(await answers(page).count()).toBe(1)
}

function stop(page: Page): Locator {
  return page.getByRole('button', { name: 'Stop the answer of Concierge' })
}

/** Waits until so many words of an answer that goes on are shown. */
async function speaking(page: Page, count = 5): Promise<void> {
  await waitFor(async () => (await words(page)).length >= count, { what: `${count} words` })
}

test('[AI-1] [AI-2] two people and one who comes late see the same words, each once, in the row that stays', async () => {
  const { room, ann } = await withBot()
  const bob = await enter(room, 'Bob', { query: '?transport=sse' })
  ai.behave({ chunks: WORDS, delayMs: 80 })
  await write(ann.page, 'Tell us all, @host!')
  for (const { page } of [ann, bob]) await speaking(page)
  expect(await stop(ann.page).count()).toBe(1)
  expect(await stop(bob.page).count()).toBe(0)
  const row = await answers(ann.page).last().elementHandle()
  const late = await enter(room, 'Late')
  await speaking(late.page)
  await Promise.all([ann, bob, late].map(({ page }) => heardOut(page)))
  expect(await row?.evaluate(element => element.isConnected)).toBe(true)
})

test('[AI-2] a reload in mid-answer goes on without a missing or a repeated word', async () => {
  const { ann } = await withBot()
  ai.behave({ chunks: WORDS, delayMs: 120 })
  await write(ann.page, '@host, go on.')
  await speaking(ann.page)
  const before = (await words(ann.page)).length
  await ann.page.reload()
  await isLive(ann.page)
  await speaking(ann.page, before)
  expect(isBeginning(await words(ann.page))).toBe(true)
  await heardOut(ann.page)
})

test('[FLAG-2] a change of transport in mid-answer shows no word twice and misses none', async () => {
  const { ann } = await withBot()
  const { user } = await (await ann.context.request.get('/api/session')).json() as { user: { id: string } }
  await server.restart({ NUXT_ADMINS: user.id })
  await isLive(ann.page)
  const use = (transport: string) => ann.context.request.put('/api/transport', { data: { default: transport } })
  ai.behave({ chunks: WORDS, delayMs: 120 })
  await write(ann.page, '@host, go on.')
  await speaking(ann.page)
  expect((await use('sse')).ok()).toBe(true)
  await ann.page.getByRole('button', { name: 'Connection: Live over SSE' }).waitFor()
  expect(isBeginning(await words(ann.page))).toBe(true)
  await use('websocket')
  await ann.page.getByRole('button', { name: 'Connection: Live', exact: true }).waitFor()
  await heardOut(ann.page)
  await use('auto')
})

test('[AI-3] who asked stops the answer at its source, and what was said stays', async () => {
  const { ann } = await withBot()
  ai.behave({ chunks: WORDS, delayMs: 100 })
  await write(ann.page, 'Talk, @host!')
  await speaking(ann.page)
  await stop(ann.page).click()
  await waitFor(() => ai.open === 0, { timeout: 1000, what: 'the engine to be left' })
  await ann.page.getByText('Stopped before its end.').waitFor()
  const seen = await words(ann.page)
  expect(seen.length).toBeGreaterThanOrEqual(5)
  expect(isBeginning(seen)).toBe(true)
  expect(await answers(ann.page).count()).toBe(1)
})

test('[BOT-1] switched off in mid-answer it falls silent, and a member sees the state but has no switch', async () => {
  const { room, ann } = await withBot()
  const bob = await enter(room, 'Bob')
  ai.behave({ chunks: WORDS, delayMs: 100 })
  await write(bob.page, 'Talk, @host!')
  await speaking(bob.page)
  const bots = bob.page.getByRole('region', { name: 'Bots' })
  await bots.getByText('Concierge is answering').waitFor()
  expect(await toggle(bob.page).count()).toBe(0)
  await toggle(ann.page).click()
  for (const { page } of [ann, bob]) {
    await line(page, 'Concierge was switched off by Ann').waitFor()
    await page.getByText('Stopped: the bot was switched off.').waitFor()
    expect(isBeginning(await words(page))).toBe(true)
  }
  expect(await toggle(ann.page).getAttribute('aria-checked')).toBe('false')
  expect(await bots.getByRole('button', { name: 'Ask Concierge' }).count()).toBe(0)
})

test('[AI-4] a server that is killed in mid-answer keeps what it had said, shown once, with the reason', async () => {
  const { ann } = await withBot()
  ai.behave({ chunks: WORDS, delayMs: 60 })
  await write(ann.page, 'Talk, @host!')
  await speaking(ann.page, 15)
  server.kill('SIGKILL')
  await server.exited()
  const heard = await words(ann.page)
  await server.restart()
  await ann.page.getByText('Broken off').waitFor({ timeout: 40_000 })
  const kept = await words(ann.page)
  expect(kept.length).toBeGreaterThan(0)
  expect(kept.length).toBeLessThanOrEqual(heard.length)
  expect(isBeginning(kept)).toBe(true)
  expect(await answers(ann.page).count()).toBe(1)
  await stop(ann.page).waitFor({ state: 'detached' })
})

test('[AI-5] a bot is named, answers, and is asked again by keyboard alone', async () => {
  const { ann } = await withBot()
  const { page } = ann
  ai.behave({ chunks: ['# Short\n\n', 'A **bold** ', '[link](https://example.org), ', 'and @Ann.'] })
  await field(page).focus()
  await page.keyboard.type('Hello @ho')
  const box = page.getByRole('combobox', { name: 'Message' })
  await box.waitFor()
  const option = page.getByRole('option', { name: /Concierge/ })
  expect(await box.getAttribute('aria-activedescendant')).toBe(await option.getAttribute('id'))
  await page.keyboard.press('Tab')
  await waitFor(async () => await field(page).inputValue() === 'Hello @concierge ')
  await page.keyboard.type('how are you?')
  await page.keyboard.press('Enter')
  expect(await messages(page, 'Hello').first().locator('mark').innerText()).toBe('@concierge')
  await messages(page, 'Short').waitFor()
  await answers(page).last().locator('strong', { hasText: 'bold' }).waitFor()
  expect(await answers(page).last().getByRole('link', { name: 'link' }).getAttribute('href')).toBe('https://example.org')
  await waitFor(async () => await answers(page).last().getAttribute('aria-busy') === null)
  await answers(page).last().focus()
  await page.getByRole('button', { name: 'Answer again' }).focus()
  await page.keyboard.press('Enter')
  await waitFor(async () => await answers(page).count() === 2, { what: 'a second answer' })
})

test('[AI-1] a bot is asked from the people panel, again after a reload, and an engine that fails says so', async () => {
  const { ann } = await withBot()
  const ask = async (question: string) => {
    await ann.page.getByRole('button', { name: 'Ask Concierge' }).click()
    await ann.page.getByRole('textbox', { name: 'Your question' }).fill(question)
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Ask', exact: true }).click()
  }
  await ask('What is new?')
  await messages(ann.page, 'Hello there.').waitFor()
  expect(JSON.stringify(ai.requests.at(-1)?.messages)).toContain('What is new?')
  const answered = answers(ann.page).last()
  await waitFor(async () => await answered.getAttribute('aria-busy') === null)
  await ann.page.reload()
  await isLive(ann.page)
  await answered.focus()
  await ann.page.getByRole('button', { name: 'Answer again' }).click()
  await waitFor(async () => await messages(ann.page, 'Hello there.').count() === 2, { what: 'a second answer' })
  expect(ai.requests.at(-1)?.messages.at(-1)?.content).toBe('Ann: What is new?')
  ai.behave({ status: 500 })
  await ask('And now?')
  await line(ann.page, 'Concierge could not answer. The engine has a fault of its own.').waitFor()
})

test('[AI-6] while another one types, a bot raises its hand, and speaks when somebody lets it', async () => {
  const { room, ann } = await withBot()
  const bob = await enter(room, 'Bob')
  ai.behave({ chunks: WORDS, delayMs: 20 })
  const asked = ai.requests.length
  await field(bob.page).pressSequentially('Wait, I')
  await ann.page.getByText('Bob is typing').waitFor()
  await write(ann.page, 'Sum it up, @host!')
  for (const { page } of [ann, bob]) {
    await page.getByText('Concierge has an answer').first().waitFor()
    await page.getByRole('region', { name: 'Bots' }).getByText('Has an answer').waitFor()
  }
  expect(ai.requests).toHaveLength(asked)
  await bob.page.getByRole('button', { name: 'Let Concierge speak' }).click()
  await ann.page.getByText('Concierge is answering').first().waitFor()
  await Promise.all([ann, bob].map(({ page }) => heardOut(page)))
  expect(await ann.page.getByRole('button', { name: 'Let Concierge speak' }).count()).toBe(0)
  expect(await ann.page.getByRole('region', { name: 'Bots' }).getByText('Has an answer').count()).toBe(0)
})

test('[A2] what a model writes runs nothing and leads nowhere it may not', async () => {
  const { ann } = await withBot()
  ai.behave({ chunks: ['<img src=x onerror="globalThis.hit=1"> ', '**<script>globalThis.hit=1</script>** ', '[click](java', 'script:globalThis.hit=1) ', '[api](/api/session) ', '![x](https://evil.example/p.gif) ', '[data](data:text/html,x) <form action=/api/session><input autofocus onfocus="globalThis.hit=1"></form> [ref][r] <javascript:globalThis.hit=1> ', 'last words\n\n[r]: vbscript:x'] })
  await write(ann.page, '@host!')
  await messages(ann.page, 'last words').waitFor()
  const row = answers(ann.page).last()
  expect(await row.locator('script, img, iframe, form, input, style, [onerror], [onfocus]').count()).toBe(0)
  expect(await row.locator('a').evaluateAll(links => links.map(link => link.getAttribute('href')))).toEqual(['https://evil.example/p.gif'])
  expect(await ann.page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
})

test('[B] axe finds nothing serious while a bot answers, nor with the list of names open', async () => {
  const { ann } = await withBot()
  ai.behave({ chunks: WORDS, delayMs: 200 })
  await write(ann.page, 'Slowly, @host!')
  await speaking(ann.page, 2)
  await field(ann.page).focus()
  await ann.page.keyboard.type('@')
  await ann.page.getByRole('listbox').waitFor()
  for (const colorScheme of ['light', 'dark'] as const) {
    await ann.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await ann.page.evaluate(axe.source)
    const { violations } = await ann.page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run())
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join('; ')}`), colorScheme).toEqual([])
  }
  expect(await stop(ann.page).count()).toBe(1)
  await stop(ann.page).click()
  await ann.page.getByText('Stopped before its end.').waitFor()
})
