import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Step } from '../fixtures/row-list'
import { field, messages, openChat } from '../support/chat'
import { connect } from '../support/client'
import { overlaps } from '../support/overlaps'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

product()

const unit = fc.double({ min: 0, max: 1, noNaN: true })
const change: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('append' as const, 'prepend' as const, 'forget' as const), count: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constantFrom('delete' as const, 'mark' as const), at: unit }),
  fc.record({ do: fc.constant('edit' as const), at: unit, to: fc.integer({ min: 1, max: 200 }) }),
  fc.record({ do: fc.constant('image' as const), at: unit, to: fc.integer({ min: 0, max: 300 }) }),
)
const measure: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('size' as const), width: fc.integer({ min: 200, max: 700 }), height: fc.integer({ min: 150, max: 800 }) }),
  fc.record({ do: fc.constant('font' as const), to: fc.integer({ min: 10, max: 24 }) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: change },
  fc.record({ do: fc.constant('all' as const), steps: fc.array(fc.oneof({ weight: 3, arbitrary: change }, measure), { minLength: 2, maxLength: 4 }) }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('scroll' as const), by: fc.oneof(fc.integer({ min: -900, max: 400 }), fc.integer({ min: -40_000, max: 40_000 })) }) },
  measure,
  fc.record({ do: fc.constant('show' as const), at: unit }),
  fc.constant({ do: 'end' as const }),
)

/** What once moved the reader's place. */
const KNOWN: Step[][] = [
  // The beginning of the held row goes out of a view that gets smaller, as what is seen is laid out anew.
  [{ do: 'show', at: 0 }, { do: 'edit', at: 0, to: 300 }, { do: 'scroll', by: 275 }, { do: 'size', width: 420, height: 700 }, { do: 'size', width: 533, height: 169 }, { do: 'font', to: 19 }],
  // One long row is all that is seen.
  [{ do: 'edit', at: 0.5, to: 900 }, { do: 'show', at: 0.5 }, { do: 'scroll', by: 700 }, { do: 'size', width: 300, height: 220 }, { do: 'size', width: 650, height: 150 }, { do: 'font', to: 21 }],
  // The row that was shown stands in the middle, and those above it are laid out anew.
  [{ do: 'show', at: 0.5 }, { do: 'size', width: 533, height: 400 }, { do: 'image', at: 0.45, to: 200 }, { do: 'size', width: 633, height: 180 }],
]

test('whatever rows come, go and change their size, none is drawn over another and the reader\'s place holds', async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../fixtures/row-list.ts', import.meta.url))],
    bundle: true, write: false, format: 'iife', define: { '__VUE_OPTIONS_API__': 'false', '__VUE_PROD_DEVTOOLS__': 'false', '__VUE_PROD_HYDRATION_MISMATCH_DETAILS__': 'false', 'process.env.NODE_ENV': '"production"' },
  })
  const { page, errors } = await browser.participant(server.url)
  await page.setContent('<!doctype html><body style="margin: 0"><div id="app"></div>')
  await page.addScriptTag({ content: bundle.outputFiles[0]!.text })
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 24 }), async (steps) => {
    expect(await page.evaluate(given => runSteps(given), steps)).toBeUndefined()
  }), { numRuns: 18, interruptAfterTimeLimit: 30_000, examples: KNOWN.map(steps => [steps]) })
  expect(errors).toEqual([])
})

test('rows stay apart when one reads elsewhere while messages come, and when the mark of the unread goes', async () => {
  const room = unique('rows')
  const ann = await openChat(browser, server, room, 'Ann')
  const writer = await connect(server, { userName: 'Writer' })
  await writer.join(room)
  for (let n = 1; n <= 40; n++) await writer.chat(room, `line ${n}. ${'And so on. '.repeat(n % 9)}`)
  await messages(ann.page, 'line 40.').waitFor()
  const other = await ann.context.newPage()
  const away = async (text: string) => {
    await other.bringToFront()
    await writer.chat(room, text)
    await ann.page.bringToFront()
    await messages(ann.page, text).waitFor()
  }
  await away('came while away.')
  await away('and once more.')
  expect(await overlaps(ann.page)).toEqual([])
  const list = ann.page.getByRole('group', { name: 'Messages' })
  await list.hover()
  await ann.page.mouse.wheel(0, -600)
  const more = ann.page.getByRole('button', { name: /newest messages/i })
  await more.waitFor()
  await writer.chat(room, 'below the view.')
  await ann.page.getByRole('button', { name: '1 new message' }).click()
  await messages(ann.page, 'below the view.').waitFor()
  await list.hover()
  await ann.page.mouse.wheel(0, -900)
  await more.waitFor()
  expect(await overlaps(ann.page)).toEqual([])
  expect(ann.errors).toEqual([])
})

test('the end is followed while one writes several lines, and where the window becomes narrow', async () => {
  const room = unique('end')
  const ann = await openChat(browser, server, room, 'Ann')
  const writer = await connect(server, { userName: 'Writer' })
  await writer.join(room)
  for (let n = 1; n <= 25; n++) await writer.chat(room, `line ${n}. ${'And so on. '.repeat(n)}`)
  await messages(ann.page, 'line 25.').waitFor()
  const below = () => ann.page.getByRole('group', { name: 'Messages' }).evaluate(list => list.scrollHeight - list.clientHeight - list.scrollTop)
  await field(ann.page).fill('one\ntwo\nthree\nfour')
  await field(ann.page).pressSequentially(' and five', { delay: 20 })
  await expect.poll(below).toBeLessThan(2)
  await ann.page.setViewportSize({ width: 390, height: 844 })
  await writer.chat(room, 'line 26.')
  await messages(ann.page, 'line 26.').waitFor()
  await expect.poll(below).toBeLessThan(2)
  expect(await ann.page.getByRole('button', { name: /new message|newest/i }).count()).toBe(0)
})

test('what is written by short name, and what is looked for, stands beside the chat', async () => {
  const room = unique('short')
  const ann = await openChat(browser, server, room, 'Ann')
  await field(ann.page).pressSequentially('nice :tad')
  await ann.page.getByRole('option', { name: ':tada:' }).waitFor()
  await ann.page.keyboard.press('Enter')
  await field(ann.page).pressSequentially('and :rocket:')
  await expect.poll(() => field(ann.page).inputValue()).toBe('nice 🎉 and 🚀')
  await field(ann.page).press('Enter')
  await messages(ann.page, 'nice 🎉').waitFor()
  await ann.page.getByRole('button', { name: 'Search messages' }).first().click()
  await ann.page.getByRole('searchbox').fill('nic')
  const found = ann.page.getByRole('region', { name: 'Search messages' })
  await found.locator('mark', { hasText: 'nic' }).waitFor()
  expect(await messages(ann.page, 'nice 🎉').isVisible()).toBe(true)
  await ann.page.keyboard.press('ArrowDown')
  await ann.page.keyboard.press('Enter')
  await ann.page.locator('article.highlighted', { hasText: 'nice 🎉' }).waitFor()
})
