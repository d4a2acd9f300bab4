import { expect, test } from 'vitest'
import { pageScript } from '../../scripts/page-script.mjs'
import { isLive, messages, openChat, write } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

/** Compressed bytes of JavaScript, headers and all, that a page may load before anybody touches it. */
const LANDING = 130 * 1024
const ROOM = 220 * 1024

product()

/** Somebody with a name, on a page that has loaded nothing yet. */
async function visitor() {
  const one = await browser.participant(server.url)
  await one.context.request.post('/api/session', { data: { name: 'Ann' } })
  return one
}

test('a page loads no more JavaScript than it needs to be of use: the landing page and, before a call, a room, its texts laid out or not', async () => {
  const weigh = async (path: string, ready: (page: Awaited<ReturnType<typeof visitor>>['page']) => Promise<unknown>) => {
    const { page, context } = await visitor()
    const script = await pageScript(page, async () => {
      await page.goto(path, { waitUntil: 'load' })
      await ready(page)
    })
    await context.close()
    // What is smaller than a kilobyte is served as it is.
    expect(script.encodings).toContain('br')
    return script.compressed
  }
  expect(await weigh('/', page => page.getByRole('button', { name: 'Help', exact: true }).waitFor())).toBeLessThanOrEqual(LANDING)
  expect(await weigh(`/r/${unique('weighed')}`, isLive)).toBeLessThanOrEqual(ROOM)
  const room = unique('laid-out')
  const ann = await openChat(browser, server, room, 'Ann')
  await write(ann.page, 'and **bold**, in a room of many')
  await messages(ann.page, 'bold').waitFor()
  await ann.context.close()
  expect(await weigh(`/r/${room}`, page => page.locator('article strong').waitFor())).toBeLessThanOrEqual(ROOM)
})

test('[A8] whoever has used a room finds its other parts without the server: emoji, help, menu, search, actions', async () => {
  const { page, context } = await openChat(browser, server, unique('parts'), 'Ann')
  await isLive(page)
  await page.keyboard.press('Shift')
  await page.waitForFunction(() => performance.getEntriesByName('parts-there').length > 0)
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Insert emoji' }).click()
  await page.getByRole('textbox', { name: 'Search emoji' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Search messages' }).click()
  await page.getByRole('searchbox', { name: 'Words to find' }).waitFor()
  await page.getByRole('button', { name: 'Help', exact: true }).click()
  await page.getByRole('dialog', { name: 'Help' }).waitFor()
  await context.close()
})

test('a part that does not come is told of in a sentence, and comes when it is wanted again', async () => {
  const { page, context } = await visitor()
  await page.goto('/', { waitUntil: 'networkidle' })
  await page.route('**/_nuxt/*.js', route => route.abort())
  const help = page.getByRole('button', { name: 'Help', exact: true })
  await help.click()
  await page.getByRole('alert').getByText('could not be loaded').waitFor()
  await page.unroute('**/_nuxt/*.js')
  await help.click()
  await help.click()
  await page.getByRole('dialog', { name: 'Help' }).waitFor()
  await context.close()
})

test('messages show at once, those that are more than words without their marks, and in place once what lays them out has come', async () => {
  const room = unique('laid-out')
  const ann = await openChat(browser, server, room, 'Ann')
  for (let n = 0; n < 20; n++) await write(ann.page, `line ${n}, **bold** <b>x</b>\n\n- and [words](https://example.org)`)
  await ann.page.locator('article strong').nth(1).waitFor()
  const { page, context } = await visitor()
  const held: (() => Promise<void>)[] = []
  await page.route('**/_nuxt/*.js', async (route) => {
    const response = await route.fetch()
    if ((await response.text()).includes('linkify')) held.push(() => route.fulfill({ response }))
    else await route.fulfill({ response })
  })
  await page.goto(`/r/${room}`)
  await messages(page, 'line 19, bold <b>x</b>').waitFor()
  expect(await page.getByRole('group', { name: 'Messages' }).innerText()).not.toMatch(/\*\*|\]\(/)
  await expect.poll(() => held.length).toBeGreaterThan(0)
  for (const release of held) await release()
  await page.locator('article strong').nth(1).waitFor()
  await expect.poll(() => page.getByRole('group', { name: 'Messages' }).evaluate(list => list.scrollHeight - list.clientHeight - list.scrollTop)).toBeLessThan(2)
  expect(await page.locator('article b').count()).toBe(0)
  await ann.context.close()
  await context.close()
})
