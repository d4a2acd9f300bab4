import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ask, isBeginning, openAgent, question, rows, shownWords, speaking, stopButton, WORDS } from '../support/agent-page'
import { startAiServer } from '../support/ai-server'
import type { AiServer } from '../support/ai-server'
import { startBrowser } from '../support/browser'
import type { Participant, TestBrowser } from '../support/browser'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { waitFor } from '../support/wait'

// A browser, an engine and a server: on a machine that is busy an answer takes its time.
vi.setConfig({ testTimeout: 120_000 })

let ai: AiServer
let server: TestServer
let browser: TestBrowser
const people: Participant[] = []
const CODE = ['Do **this**:\n\n', '```ts\n', 'const answer', ' = 42\n', '```\n\n', 'That is ', 'all.']

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_MODEL: 'test-model' } })
  browser = await startBrowser()
})
afterEach(async () => {
  ai.behave({})
  const errors = people.flatMap(person => person.errors)
  await Promise.all(people.splice(0).map(person => person.context.close()))
  // Refusals that a test asked for, and a server that was killed on purpose; everything else is the product's.
  expect(errors.filter(error => !/ERR_CONNECTION_(?:REFUSED|RESET)|ERR_INCOMPLETE|ERR_EMPTY_RESPONSE|status of (?:404|409|503)/.test(error))).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await ai?.close()
})

async function open(): Promise<Participant> {
  const person = await openAgent(browser, server)
  people.push(person)
  return person
}

test('[AGT-1] [C6] a session is opened, named after its first question, and answers with coloured code that can be copied', async () => {
  const { page } = await open()
  ai.behave({ chunks: CODE })
  await ask(page, 'What is the answer?')
  await rows(page).filter({ hasText: 'That is all.' }).waitFor()
  await stopButton(page).waitFor({ state: 'detached' })
  const row = rows(page).last()
  expect(await row.innerText()).toContain('openai-compatible · test-model')
  expect(await row.locator('strong').first().innerText()).toBe('this')
  await waitFor(async () => await row.locator('pre .token').count() > 1, { what: 'colours' })
  await row.getByRole('button', { name: 'Copy code' }).click()
  const copied = (text: string) => waitFor(async () => await page.evaluate(() => navigator.clipboard.readText()) === text, { what: 'the copy' })
  await copied('const answer = 42')
  await row.getByRole('button', { name: 'Copy answer' }).click()
  await copied(CODE.join(''))
  await page.getByRole('navigation', { name: 'Your sessions' }).getByRole('link', { name: /What is the answer\?/ }).waitFor()
  await waitFor(async () => (await page.title()).startsWith('What is the answer?'))
})

test('[AGT-4] an answer grows in its place: what was said keeps its elements', async () => {
  const { page } = await open()
  ai.behave({ chunks: ['First **bold** paragraph.\n\n', '```ts\nconst a = 1\n```\n\n', ...WORDS], delayMs: 40 })
  await ask(page, 'Tell me')
  await speaking(page)
  const row = await rows(page).last().elementHandle()
  const paragraph = await rows(page).last().locator('p').first().elementHandle()
  const code = await rows(page).last().locator('pre').first().elementHandle()
  await rows(page).last().getByRole('button', { name: 'Copy answer' }).waitFor()
  for (const element of [row, paragraph, code]) expect(await element?.evaluate(node => node.isConnected)).toBe(true)
  expect((await shownWords(page)).join(' ')).toBe(WORDS.join('').trim())
  expect(await rows(page).count()).toBe(2)
})

test('[AGT-4] a reload in mid-answer goes on after the last event, without a repeated or missing word', async () => {
  const { page } = await open()
  const resumed: string[] = []
  page.on('request', request => /ai-agent\/stream\/\w+$/.test(request.url()) && resumed.push(request.headers()['last-event-id'] ?? 'none'))
  ai.behave({ chunks: WORDS, delayMs: 120 })
  await ask(page, 'Go on')
  await speaking(page)
  await page.reload()
  await speaking(page, 6)
  expect(isBeginning(await shownWords(page))).toBe(true)
  await page.reload()
  let wrong: string | undefined
  await waitFor(async () => {
    const seen = await shownWords(page)
    if (!isBeginning(seen)) wrong = seen.join(' ')
    return wrong !== undefined || seen.length === WORDS.length
  }, { timeout: 40_000, what: 'the whole answer' })
  expect(wrong).toBeUndefined()
  await stopButton(page).waitFor({ state: 'detached' })
  expect((await shownWords(page)).join(' ')).toBe(WORDS.join('').trim())
  expect(await rows(page).count()).toBe(2)
  expect(resumed[0]).toBe('none')
  expect(resumed.slice(1).every(id => Number(id) >= 5)).toBe(true)
  expect(ai.requests.filter(({ messages }) => JSON.stringify(messages).includes('Go on'))).toHaveLength(1)
})

test('[AGT-5] leaving the page stops nothing: the whole answer is there when one comes back', async () => {
  const { page } = await open()
  const address = page.url()
  ai.behave({ chunks: WORDS, delayMs: 60 })
  await ask(page, 'Go on alone')
  await speaking(page)
  await page.goto('about:blank')
  await waitFor(() => ai.open === 0, { timeout: 20_000, what: 'the engine to have finished' })
  await page.goto(address)
  await waitFor(async () => (await shownWords(page)).length === WORDS.length)
  expect((await shownWords(page)).join(' ')).toBe(WORDS.join('').trim())
})

test('[AGT-6] Stop reaches the engine, what was said stays, and the question can be asked again or changed', async () => {
  const { page } = await open()
  ai.behave({ chunks: WORDS, delayMs: 100 })
  await ask(page, 'Talk')
  await speaking(page)
  await stopButton(page).click()
  await waitFor(() => ai.open === 0, { timeout: 1000, what: 'the engine to be left' })
  await page.getByText('Stopped before its end.').waitFor()
  expect(isBeginning(await shownWords(page))).toBe(true)
  expect(await question(page).evaluate(field => field === document.activeElement)).toBe(true)

  ai.behave({ chunks: ['Once more.'] })
  await page.getByRole('button', { name: 'Ask again' }).click()
  await rows(page).filter({ hasText: 'Once more.' }).getByRole('button', { name: 'Copy answer' }).waitFor()
  expect(await rows(page).count()).toBe(4)
  expect(JSON.stringify(ai.requests.at(-1)?.messages.at(-1))).toContain('Talk')

  ai.behave({ chunks: ['Changed.'] })
  await page.getByRole('button', { name: 'Edit and send again' }).click()
  expect(await question(page).inputValue()).toBe('Talk')
  await page.keyboard.press('Escape')
  expect(await question(page).inputValue()).toBe('')
  await page.keyboard.press('ArrowUp')
  await waitFor(async () => await question(page).inputValue() === 'Talk')
  await ask(page, 'Talk less')
  await rows(page).filter({ hasText: 'Changed.' }).getByRole('button', { name: 'Copy answer' }).waitFor()
  expect(await question(page).inputValue()).toBe('')
  // Nothing that was said is rewritten.
  await page.reload()
  await waitFor(async () => await rows(page).count() === 6)
})

test('[AGT-4] an engine that fails says so in words, and Retry asks again', async () => {
  const { page, context } = await open()
  ai.behave({ status: 500 })
  await ask(page, 'Are you there?')
  await page.getByRole('alert').filter({ hasText: 'Concierge could not answer. The engine has a fault of its own.' }).waitFor({ timeout: 30_000 })
  ai.behave({ chunks: ['Now I am.'] })
  await page.reload()
  await page.getByText('This was not answered.').waitFor()
  await page.getByRole('button', { name: 'Retry' }).click()
  await rows(page).filter({ hasText: 'Now I am.' }).waitFor()
  ai.behave({ chunks: WORDS, breakAfter: 4 })
  await ask(page, 'And again?')
  await page.getByText('Broken off:').waitFor()
  const { messages } = await (await context.request.get(`/api/ai-agent/sessions/${page.url().split('/').at(-1)}`)).json() as { messages: { content: { text: string } }[] }
  expect((await shownWords(page)).join(' ')).toBe(messages.at(-1)?.content.text)
  expect(await shownWords(page)).toContain('word1')
  ai.behave({ chunks: ['Whole.'] })
  await rows(page).last().getByRole('button', { name: 'Retry' }).click()
  await rows(page).filter({ hasText: 'Whole.' }).waitFor()
})

test('[AGT-4] a server that is killed in mid-answer: the page says so, keeps what was said, recovers, and Retry works', async () => {
  const { page } = await open()
  ai.behave({ chunks: WORDS, delayMs: 60 })
  await ask(page, 'Talk')
  await speaking(page, 15)
  server.kill('SIGKILL')
  await server.exited()
  await page.getByText('The server cannot be reached.').waitFor()
  const heard = await shownWords(page)
  expect(heard.length).toBeGreaterThanOrEqual(15)
  await server.restart()
  await page.getByText('Broken off:').waitFor({ timeout: 40_000 })
  expect(await page.getByText('The server cannot be reached.').count()).toBe(0)
  const kept = await shownWords(page)
  expect(kept.length).toBeGreaterThan(0)
  expect(isBeginning(kept)).toBe(true)
  expect(await rows(page).count()).toBe(2)
  ai.behave({ chunks: WORDS })
  await rows(page).last().getByRole('button', { name: 'Retry' }).click()
  await waitFor(async () => (await shownWords(page)).length === WORDS.length)
})

test('[AGT-3] what could not be sent says why, is sent once by Retry, and can be taken back', async () => {
  const { page } = await open()
  server.kill('SIGKILL')
  await server.exited()
  await ask(page, 'Into the void')
  await page.getByRole('alert').filter({ hasText: 'Not sent.' }).waitFor()
  await page.getByRole('alert').getByRole('button', { name: 'Edit' }).click()
  expect(await question(page).inputValue()).toBe('Into the void')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'Not sent.' }).waitFor()
  await server.restart()
  await page.getByRole('alert').getByRole('button', { name: 'Retry' }).click()
  await rows(page).filter({ hasText: 'Hello there.' }).waitFor()
  expect(await rows(page).count()).toBe(2)
})

test('[AGT-3] two tabs of one session: the second one is told of the answer on its way, and shows it', async () => {
  const { page, context } = await open()
  const other = await context.newPage()
  await other.goto(page.url())
  await question(other).waitFor()
  ai.behave({ chunks: WORDS, delayMs: 80 })
  await ask(page, 'From the first')
  await speaking(page)
  await ask(other, 'From the second')
  await speaking(other)
  await other.getByRole('alert').filter({ hasText: 'An answer is on its way' }).waitFor()
  await waitFor(async () => (await shownWords(page)).length === WORDS.length, { timeout: 30_000 })
  await stopButton(page).waitFor({ state: 'detached' })
  ai.behave({})
  await stopButton(other).waitFor({ state: 'detached' })
  await other.getByRole('alert').getByRole('button', { name: 'Retry' }).click()
  await rows(other).filter({ hasText: 'Hello there.' }).waitFor()
  expect(await rows(other).count()).toBe(4)
})

test('[AGT-3] what is asked before the history is there is said once it is', async () => {
  const { page } = await open()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route(/ai-agent\/sessions\/\w+$/, async (route) => {
    await held
    await route.continue()
  })
  await page.reload()
  await question(page).waitFor()
  await ask(page, 'Quick')
  await rows(page).filter({ hasText: 'Quick' }).waitFor()
  expect(await rows(page).count()).toBe(1)
  release()
  await rows(page).filter({ hasText: 'Hello there.' }).waitFor()
  expect(await rows(page).count()).toBe(2)
})
