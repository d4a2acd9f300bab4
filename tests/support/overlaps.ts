import type { Page } from 'playwright-core'

/** Pairs of messages that are drawn over each other in the list. */
export function overlaps(page: Page): Promise<string[]> {
  return page.getByRole('group', { name: 'Messages' }).evaluate((list) => {
    const rows = [...list.querySelectorAll('article')].map(row => ({ text: row.innerText, box: row.getBoundingClientRect() })).sort((a, b) => a.box.top - b.box.top)
    return rows.flatMap((row, index) => index > 0 && row.box.top < rows[index - 1]!.box.bottom - 0.5 ? [`${rows[index - 1]!.text} | ${row.text}`] : [])
  })
}
