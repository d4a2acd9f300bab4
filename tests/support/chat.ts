import type { Locator, Page } from 'playwright-core'
import type { Participant, TestBrowser } from './browser'
import type { TestServer } from './server'

/** Somebody in a room's page, ready to write. */
export interface Writer extends Participant {
  name: string
}

export interface OpenOptions {
  /** What follows the address, such as `?transport=sse`. */
  query?: string
  /** Runs before the page is opened. */
  prepare?: (page: Page) => Promise<void>
}

/** Opens a room's page as somebody who already has a name, and waits until one can write there. */
export async function openChat(browser: TestBrowser, server: TestServer, room: string, name: string, { query = '', prepare }: OpenOptions = {}): Promise<Writer> {
  const participant = await browser.participant(server.url)
  await participant.context.request.post('/api/session', { data: { name } })
  await prepare?.(participant.page)
  await participant.page.goto(`/r/${room}${query}`)
  await isLive(participant.page)
  return { ...participant, name }
}

/** Waits until the page says that it is connected, over whatever. */
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

const SCROLLS_MAX = 300

/**
 * Reads the part that matches of all messages the page holds, oldest first, by scrolling up: the list holds only what is in view.
 *
 * @throws when one is shown twice at the same time, and when scrolling up leads nowhere
 */
export async function shownTexts(page: Page, match: RegExp): Promise<string[]> {
  const list = page.getByRole('group', { name: 'Messages' })
  const seen: string[] = []
  for (let still = 0, turns = 0; still < 3; turns++) {
    if (turns === SCROLLS_MAX) throw new Error(`the list does not get to its top; seen: ${seen.join(' | ')}`)
    const texts = (await list.getByRole('article').allInnerTexts()).flatMap(text => match.exec(text)?.[0] ?? [])
    if (new Set(texts).size < texts.length) throw new Error(`shown twice: ${texts.join(' | ')}`)
    const known = texts.findIndex(text => seen.includes(text))
    const older = known < 0 ? texts : texts.slice(0, known)
    seen.unshift(...older)
    const atTop = await list.evaluate(async (element) => {
      element.scrollBy(0, -300)
      // What came into view is drawn in the second frame.
      for (let frame = 0; frame < 3; frame++) await new Promise(resolve => requestAnimationFrame(resolve))
      return element.scrollTop === 0
    })
    still = atTop && older.length === 0 ? still + 1 : 0
  }
  return seen
}
