import type { Locator, Page } from 'playwright-core'
import type { Participant, TestBrowser } from './browser'
import type { TestServer } from './server'
import { waitFor } from './wait'

/** What engines of these tests say: words by which one sees whether any is missing or there twice. */
export const WORDS = Array.from({ length: 60 }, (_, n) => `word${n} `)

/** Somebody with a name and a new session with an agent, in its page. */
export async function openAgent(browser: TestBrowser, server: TestServer, agent = 'Concierge', name = 'Ann'): Promise<Participant> {
  const participant = await browser.participant(server.url)
  await participant.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await participant.context.request.post('/api/session', { data: { name } })
  await participant.page.goto('/agents/new')
  await startSession(participant.page, agent)
  return participant
}

/** Opens a session from the list of agents. */
export async function startSession(page: Page, agent = 'Concierge'): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^New session with ${agent}\\b`) }).click()
  await page.waitForURL(/\/agents\/(?!new)\w+$/)
  await question(page).waitFor()
}

/** The field in which an agent is asked. */
export function question(scope: Page | Locator): Locator {
  return scope.getByRole('textbox', { name: 'Your question' })
}

/** Asks, as a person does. */
export async function ask(scope: Page | Locator, text: string): Promise<void> {
  await question(scope).fill(text)
  await question(scope).press('Enter')
}

/** What is shown of what was said. */
export function rows(scope: Page | Locator): Locator {
  return scope.getByRole('group', { name: 'Messages' }).getByRole('article')
}

/** The button that stops an answer: there while one is on its way. */
export function stopButton(scope: Page | Locator, agent = 'Concierge'): Locator {
  return scope.getByRole('button', { name: `Stop the answer of ${agent}` })
}

/** The words of the last answer as they stand in the page. */
export async function shownWords(page: Page): Promise<string[]> {
  return (await rows(page).last().innerText()).match(/word\d+/g) ?? []
}

/** Whether words are the beginning of the answer: none missing, none twice, in order. */
export function isBeginning(seen: readonly string[]): boolean {
  return seen.every((word, n) => word === `word${n}`)
}

/** Waits until so many words of an answer are shown. */
export async function speaking(page: Page, count = 5): Promise<void> {
  await waitFor(async () => (await shownWords(page)).length >= count, { timeout: 30_000, what: `${count} words` })
}
