import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ask, openAgent, rows, startSession } from '../support/agent-page'
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

test('[AGT-1] sessions are renamed, pinned, put away, filtered and deleted, by keyboard too', async () => {
  const { page } = await open()
  for (const title of ['Alpha', 'Beta', 'Gamma']) {
    await ask(page, title)
    await rows(page).filter({ hasText: 'Hello there.' }).getByRole('button', { name: 'Copy answer' }).waitFor()
    if (title === 'Gamma') break
    await page.getByRole('link', { name: 'New session' }).click()
    await startSession(page)
  }
  const list = page.getByRole('navigation', { name: 'Your sessions' })
  const titles = async () => (await list.getByRole('listitem').getByRole('link').allInnerTexts()).map(text => text.split('\n').find(line => line.length > 1))
  const menu = async (title: string, item: string) => {
    await list.getByRole('button', { name: `Options of ${title}` }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: item, exact: true }).click()
    // A menu that goes gives the focus back, which would close the next one.
    await page.getByRole('menu').waitFor({ state: 'detached' })
  }
  await waitFor(async () => (await titles()).join() === 'Gamma,Beta,Alpha')

  await menu('Alpha', 'Pin to the top')
  await waitFor(async () => (await titles()).join() === 'Alpha,Gamma,Beta')
  await menu('Gamma', 'Rename')
  await page.getByRole('textbox', { name: 'Title' }).fill('Delta')
  await page.keyboard.press('Enter')
  await waitFor(async () => (await titles()).join() === 'Alpha,Delta,Beta')
  await page.reload()
  await waitFor(async () => (await titles()).join() === 'Alpha,Delta,Beta')

  await list.getByRole('searchbox', { name: 'Filter sessions' }).fill('del')
  await waitFor(async () => (await titles()).join() === 'Delta')
  await list.getByRole('searchbox').fill('nothing like it')
  await list.getByText('No session has these words in its title.').waitFor()
  await list.getByRole('searchbox').fill('')

  await menu('Beta', 'Archive')
  await waitFor(async () => (await titles()).join() === 'Alpha,Delta')
  await list.getByRole('button', { name: 'Archived' }).click()
  await waitFor(async () => (await titles()).join() === 'Beta')
  await menu('Beta', 'Take out of the archive')
  await list.getByText('No archived sessions.').waitFor()
  await list.getByRole('button', { name: 'In use' }).click()
  await waitFor(async () => (await titles()).join() === 'Alpha,Delta,Beta')

  // The one that is open: its page goes with it.
  await menu('Delta', 'Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await menu('Delta', 'Delete')
  await page.getByRole('dialog').getByRole('button', { name: 'Delete session' }).click()
  await page.waitForURL(/\/agents$/)
  await waitFor(async () => (await titles()).join() === 'Alpha,Beta')
})

test('[AGT-2] another\'s session does not exist: 404, in words', async () => {
  const ann = await open()
  await ask(ann.page, 'My secret')
  await rows(ann.page).filter({ hasText: 'Hello there.' }).waitFor()
  const bob = await browser.participant(server.url)
  people.push(bob)
  await bob.context.request.post('/api/session', { data: { name: 'Bob' } })
  const response = await bob.page.goto(ann.page.url())
  expect(response?.status()).toBe(404)
  expect(await response?.text()).not.toContain('My secret')
  await bob.page.getByRole('heading', { name: 'There is no such session' }).waitFor()
  await bob.page.getByRole('link', { name: 'All sessions' }).last().click()
  await bob.page.getByText('No sessions yet.').waitFor()
})

test('[AGT-1] on a phone the list leads to a session and back, and who has no name is asked for one', async () => {
  const person = await browser.participant(server.url, { viewport: { width: 390, height: 844 } })
  people.push(person)
  const { page } = person
  await page.goto('/')
  await page.getByRole('link', { name: 'Agents' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('textbox', { name: 'Your name' }).fill('Cleo')
  await page.keyboard.press('Enter')
  await page.getByText('No sessions yet.').waitFor()
  expect(await page.getByRole('button', { name: /^New session with Concierge/ }).isVisible()).toBe(false)
  await page.getByRole('link', { name: 'New session' }).click()
  await startSession(page)
  expect(await page.getByRole('navigation', { name: 'Your sessions' }).isVisible()).toBe(false)
  await ask(page, 'From a phone')
  await rows(page).filter({ hasText: 'Hello there.' }).waitFor()
  await page.getByRole('link', { name: 'All sessions' }).click()
  await page.getByRole('link', { name: /From a phone/ }).click()
  await rows(page).filter({ hasText: 'Hello there.' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  person.errors.splice(0, person.errors.length, ...person.errors.filter(error => !error.includes('401')))
})
