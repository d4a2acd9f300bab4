import type { Page } from 'playwright-core'
import { waitFor } from './wait'

/** The words of the messages shown, in order: texts of these tests are single words of this kind. */
export async function words(page: Page): Promise<string[]> {
  const texts = await page.getByRole('group', { name: 'Messages' }).getByRole('article').allInnerTexts()
  return texts.flatMap(text => /word-\w+/.exec(text)?.[0] ?? [])
}

/** Waits until a page shows these words and no others, all of them stored. */
export async function shows(page: Page, expected: readonly string[]): Promise<void> {
  await waitFor(async () => JSON.stringify(await words(page)) === JSON.stringify(expected) && await page.locator('article.unsure').count() === 0, {
    timeout: 40_000, interval: 100, what: () => `${expected.join(', ')} on the page`,
  })
}

/** How many messages wait in the browser profile. */
export function kept(page: Page): Promise<number> {
  return page.evaluate(() => new Promise<number>((resolve, reject) => {
    const opening = indexedDB.open('lastra')
    opening.onerror = () => reject(opening.error)
    opening.onsuccess = () => {
      const counting = opening.result.transaction('messages').objectStore('messages').count()
      counting.onsuccess = () => {
        opening.result.close()
        resolve(counting.result)
      }
    }
  }))
}
