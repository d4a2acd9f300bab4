import type { Locator, Page } from 'playwright-core'
import type { Participant, TestBrowser } from './browser'
import type { TestServer } from './server'

/** Somebody in a room's page, ready to write. */
export interface Writer extends Participant {
  name: string
}

/** Opens a room's page as somebody who already has a name, and waits until one can write there. */
export async function openChat(browser: TestBrowser, server: TestServer, room: string, name: string): Promise<Writer> {
  const participant = await browser.participant(server.url)
  await participant.context.request.post('/api/session', { data: { name } })
  await participant.page.goto(`/r/${room}`)
  await isLive(participant.page)
  return { ...participant, name }
}

/** Waits until the page says that it is connected. */
export function isLive(page: Page): Promise<void> {
  return page.getByRole('button', { name: 'Connection: Live' }).waitFor()
}

/** The field one writes in. */
export function field(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message', exact: true })
}

/** Writes and sends, as a person does. */
export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text)
  await field(page).press('Enter')
}

/** The messages that are shown and hold a text. */
export function messages(page: Page, text: string | RegExp): Locator {
  return page.getByRole('group', { name: 'Messages' }).getByRole('article').filter({ hasText: text })
}
