import { afterEach, describe, expect, test } from 'vitest'
import { field, isLive, messages, openChat, write } from '../support/chat'
import type { Writer } from '../support/chat'
import { connect } from '../support/client'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

const writers: Writer[] = []

product()
afterEach(async () => {
  const errors = writers.flatMap(writer => writer.errors.map(error => `${writer.name}: ${error}`))
  await Promise.all(writers.splice(0).map(writer => writer.context.close()))
  // A server that was killed on purpose fails requests, and knows no poll of before; everything else is the product's.
  expect(errors.filter(error => !/WebSocket|ERR_CONNECTION|ERR_SOCKET|ERR_EMPTY|ERR_INCOMPLETE|status of 404/.test(error))).toEqual([])
})

describe.each([['websocket', 'Live'], ['sse', 'Live over SSE'], ['polling', 'Live over polling']])('over %s', (transport, words) => {
  const query = `?transport=${transport}`

  async function enter(room: string, name: string): Promise<Writer> {
    const writer = await openChat(browser, server, room, name, { query })
    writers.push(writer)
    await writer.page.getByRole('button', { name: `Connection: ${words}`, exact: true }).waitFor()
    return writer
  }

  test('[A1] a link, a name, and one is in, from the landing page and from the address', async () => {
    const { page, context, errors } = await browser.participant(server.url)
    const room = unique('door')
    await page.goto(`/${query}`)
    await page.getByRole('textbox', { name: 'Room name' }).fill(room)
    await page.getByRole('button', { name: 'Open room' }).click()
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ann')
    await page.getByRole('button', { name: 'Enter room' }).click()
    await isLive(page)
    expect(new URL(page.url()).pathname).toBe(`/r/${room}`)
    await write(page, 'I am in')
    await messages(page, 'I am in').waitFor()
    await page.goto('/')
    await page.getByRole('link', { name: new RegExp(room) }).click()
    await messages(page, 'I am in').waitFor()
    // Who one is, before one is anyone, is answered with 401; a room nobody has opened yet with 404.
    expect(errors.filter(error => !/401|404/.test(error))).toEqual([])
    await context.close()
  })

  test('[A2] what one writes the others see, formatted, once, in order', async () => {
    const room = unique('talk')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await write(ann.page, '**bold** and `code`')
    await write(ann.page, '```js\nconst answer = 42\n```')
    await messages(bob.page, 'const answer').waitFor()
    await write(bob.page, 'I see \u{1F44D}')
    for (const { page } of [ann, bob]) {
      await messages(page, 'I see').waitFor()
      await page.locator('article pre', { hasText: 'const answer = 42' }).waitFor()
      expect(await page.locator('article strong', { hasText: 'bold' }).count()).toBe(1)
      const shown = await page.getByRole('group', { name: 'Messages' }).getByRole('article').allInnerTexts()
      expect(shown.map(text => ['bold', 'const answer', 'I see'].findIndex(word => text.includes(word)))).toEqual([0, 1, 2])
    }
  })

  test('[A2] nothing anyone writes runs as a script or leaves its place', async () => {
    const room = unique('attack')
    const ann = await enter(room, 'Ann')
    const eve = await connect(server, { userName: '<img src=x onerror=globalThis.hit=1>' })
    await eve.join(room)
    const attacks = [
      '<script>globalThis.hit = 1</script>', '<img src=x onerror="globalThis.hit = 1">', '[click](javascript:globalThis.hit=1)', '[click](JaVaScRiPt&colon;globalThis.hit=1)',
      '![x](x" onerror="globalThis.hit=1)', '<svg><animate onbegin=globalThis.hit=1>', '<iframe srcdoc="<script>parent.hit=1</script>">', '<a href="data:text/html,<script>1</script>">x</a>',
      '```"><img src=x onerror=globalThis.hit=1>\ncode\n```', '<style>body { display: none }</style>', '<form action=/api/session><input name=x></form>', `${'['.repeat(2000)}x`, `${'> '.repeat(500)}deep`, `${'*a '.repeat(3000)}`,
    ]
    for (const attack of attacks) await eve.chat(room, attack)
    await eve.chat(room, 'last one')
    await messages(ann.page, 'last one').waitFor()
    const links = ann.page.getByRole('group', { name: 'Messages' }).locator('a')
    await links.evaluateAll((elements) => {
      for (const element of elements) (element as HTMLElement).click()
    })
    expect(await ann.page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined()
    expect(await ann.page.getByRole('group', { name: 'Messages' }).locator('script, iframe, style, form, svg animate, [onerror], [onbegin]').count()).toBe(0)
    for (const href of await links.evaluateAll(elements => elements.map(element => element.getAttribute('href') ?? ''))) expect(href).toMatch(/^(https?:|mailto:|$)/)
    expect(await field(ann.page).isVisible()).toBe(true)
  })

  test('[A4] the arrow up edits one\'s last message, and everyone sees it', async () => {
    const room = unique('edit')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await write(ann.page, 'a tpyo')
    await messages(ann.page, 'a tpyo').waitFor()
    await waitFor(async () => await ann.page.locator('[aria-busy="true"]').count() === 0)
    await field(ann.page).press('ArrowUp')
    await waitFor(async () => await field(ann.page).inputValue() === 'a tpyo')
    await write(ann.page, 'a typo')
    for (const { page } of [ann, bob]) {
      await messages(page, 'a typo').waitFor()
      expect(await messages(page, 'a tpyo').count()).toBe(0)
    }
  })

  test('[A5] who types is named to the others', async () => {
    const room = unique('typing')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await field(bob.page).pressSequentially('hm')
    await ann.page.getByText('Bob is typing').waitFor()
    await write(bob.page, 'hm!')
    await messages(ann.page, 'hm!').waitFor()
    await ann.page.getByText('Bob is typing').waitFor({ state: 'detached' })
  })

  test('[A7] [RES-7] what is written while the server is away arrives once, in order, without a click', async () => {
    const room = unique('away')
    const ann = await enter(room, 'Ann')
    const bob = await enter(room, 'Bob')
    await write(ann.page, 'before')
    await messages(bob.page, 'before').waitFor()
    server.kill('SIGKILL')
    await server.exited()
    for (const text of ['meanwhile one', 'meanwhile two', 'meanwhile three']) await write(ann.page, text)
    await messages(ann.page, 'meanwhile three').waitFor()
    await server.restart()
    for (const { page } of [ann, bob]) {
      await messages(page, 'meanwhile three').waitFor({ timeout: 40_000 })
      await isLive(page)
      const texts = await page.getByRole('group', { name: 'Messages' }).getByRole('article').allInnerTexts()
      const order = texts.flatMap(text => /before|meanwhile (?:one|two|three)/.exec(text)?.[0] ?? [])
      expect(order).toEqual(['before', 'meanwhile one', 'meanwhile two', 'meanwhile three'])
    }
  })

  test('[A3] scrolling up loads older messages and holds its place', async () => {
    const room = unique('long')
    const writer = await connect(server, { userName: 'Writer' })
    await writer.join(room)
    for (let n = 1; n <= 300; n++) await writer.chat(room, `line ${n}.`)
    const ann = await enter(room, 'Ann')
    await messages(ann.page, 'line 300.').waitFor()
    const list = ann.page.getByRole('group', { name: 'Messages' })
    await waitFor(async () => {
      await list.hover()
      await ann.page.mouse.wheel(0, -1500)
      return await messages(ann.page, /line 1\.(?!\d)/).count() > 0
    }, { interval: 100, timeout: 30_000, what: 'the first message' })
    const reading = messages(ann.page, /line 5\.(?!\d)/)
    await reading.waitFor()
    const before = await reading.boundingBox()
    await writer.chat(room, 'a new one meanwhile')
    await ann.page.getByRole('button', { name: /new message/ }).waitFor()
    expect(Math.abs((await reading.boundingBox())?.y ?? 0) - (before?.y ?? 0)).toBeLessThanOrEqual(2)
    await ann.page.getByRole('button', { name: /new message/ }).click()
    await messages(ann.page, 'a new one meanwhile').waitFor()
  })
})

test('[A3] a list that stands at its end shows what was said while it was away, and stays at its end', async () => {
  const room = unique('notice')
  const writer = await connect(server, { userName: 'Writer' })
  await writer.join(room)
  for (let n = 1; n <= 30; n++) await writer.chat(room, `line ${n}.`)
  let away = false
  let cut = () => {}
  const ann = await openChat(browser, server, room, 'Ann', {
    query: '?transport=websocket',
    async prepare(page) {
      await page.setViewportSize({ width: 390, height: 844 })
      await page.routeWebSocket(/chat\.ws/, (socket) => {
        if (away) return void socket.close({ code: 1011 })
        socket.connectToServer()
        cut = () => void socket.close({ code: 1011 })
      })
    },
  })
  writers.push(ann)
  await messages(ann.page, 'line 30.').waitFor()
  const notice = ann.page.getByText('No connection to the server.')
  for (let turn = 1; turn <= 3; turn++) {
    away = true
    cut()
    await notice.waitFor()
    await writer.chat(room, `while away ${turn}`)
    away = false
    await messages(ann.page, `while away ${turn}`).waitFor({ timeout: 30_000 })
    await notice.waitFor({ state: 'detached' })
    expect(await ann.page.getByRole('button', { name: /new message/ }).count()).toBe(0)
    expect((await messages(ann.page, `while away ${turn}`).boundingBox())?.y).toBeLessThan(780)
  }
})
