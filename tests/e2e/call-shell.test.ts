import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { enterCall, joinCall, openRoom, seesMoving, tile } from '../support/call'
import { openChat } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { brightness, choosePane, obstacle, shifts, vital, watchShifts, WINDOWS } from '../support/shell'
import { waitFor } from '../support/wait'

product()

/** What is wrong with the controls one must always reach, with each pane chosen. */
async function obstacles(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const pane of ['Chat', 'People', 'Call'] as const) {
    await choosePane(page, pane)
    for (const control of vital(page)) {
      const what = await obstacle(control)
      if (what) found.push(`${pane}: ${what}`)
    }
  }
  return found
}

describe('a call is never out of hand', () => {
  it('mute and leave can be pressed at every size and with every pane, and work', async () => {
    const { page, context } = await enterCall(browser, server, unique('sizes'), 'Ann')
    const [mic, leave] = vital(page) as [ReturnType<Page['getByRole']>, ReturnType<Page['getByRole']>]
    const wrong: string[] = []
    let muted = false
    for (const { name, width, height } of WINDOWS) {
      await page.setViewportSize({ width, height })
      wrong.push(...(await obstacles(page)).map(what => `${name}: ${what}`))
      await choosePane(page, 'Chat')
      await mic.click()
      muted = !muted
      await page.getByRole('button', { name: `Microphone: ${muted ? 'Unmute' : 'Mute'}` }).waitFor({ timeout: 5_000 })
      await page.keyboard.press('Escape')
    }
    expect(wrong).toEqual([])
    await choosePane(page, 'People')
    await leave.click()
    await page.getByRole('toolbar', { name: 'Call controls' }).waitFor({ state: 'detached' })
    await context.close()
  })

  it('the way in can be pressed at every size', async () => {
    const { page, context } = await openRoom(browser, server, unique('way-in'), 'Ann')
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
    const join = page.getByRole('button', { name: 'Join now' })
    await join.waitFor()
    const wrong: string[] = []
    for (const { name, width, height } of WINDOWS) {
      await page.setViewportSize({ width, height })
      if (await page.getByRole('tab', { name: /^Call/ }).isVisible()) await choosePane(page, 'Call')
      for (const control of [join, page.getByRole('button', { name: 'Back to the room' })]) {
        const what = await obstacle(control)
        if (what) wrong.push(`${name}: ${what}`)
      }
    }
    expect(wrong).toEqual([])
    await context.close()
  })

  it('going elsewhere asks before it ends the call; another place of the room does not end it', async () => {
    const { page, context } = await enterCall(browser, server, unique('elsewhere'), 'Ann')
    const bar = page.getByRole('toolbar', { name: 'Call controls' })
    const question = page.getByRole('dialog', { name: 'Leave the call?' })
    await page.getByRole('link', { name: 'All rooms' }).click()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await question.waitFor({ state: 'detached' })
    expect(await bar.isVisible()).toBe(true)
    await page.evaluate(() => location.assign('#somewhere'))
    expect(await bar.isVisible()).toBe(true)
    await page.goBack()
    expect(await bar.isVisible()).toBe(true)
    await page.getByRole('link', { name: 'All rooms' }).click()
    await question.getByRole('button', { name: 'Leave the call' }).click()
    await page.getByRole('button', { name: 'Open room' }).waitFor()
    await context.close()
  })
})

describe('the page in a call', () => {
  it('is dark all over, menus too, and the reader has their theme back after it', async () => {
    const { page, context } = await openRoom(browser, server, unique('dark'), 'Ann', { context: { colorScheme: 'light' } })
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).waitFor()
    expect(await brightness(page, 'header')).toBeGreaterThan(0.9)
    await joinCall(page)
    await page.getByRole('button', { name: 'Room options' }).click()
    await page.getByRole('menu').waitFor()
    for (const part of ['body', 'header', '#room-side', '[role=menu]', '[role=toolbar]']) {
      expect(await brightness(page, part), part).toBeLessThan(0.15)
    }
    await page.keyboard.press('Escape')
    await page.getByRole('toolbar').getByRole('button', { name: 'Leave', exact: true }).click()
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).waitFor()
    expect(await brightness(page, 'header')).toBeGreaterThan(0.9)
    await context.close()
  })

  it('is worked by keys alone: the side, the whole screen, the list of keys; and the focus is never lost', async () => {
    const { page, context } = await enterCall(browser, server, unique('keyboard'), 'Ann')
    const side = page.locator('#room-side')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName)
    await page.getByRole('button', { name: 'Hide chat and people' }).focus()
    await page.keyboard.press('Enter')
    await side.waitFor({ state: 'hidden' })
    expect(await focused()).toBe('Chat')
    await page.keyboard.press('c')
    await side.getByRole('textbox', { name: 'Message', exact: true }).waitFor()
    expect(await focused()).toBe('Message')
    await page.getByRole('toolbar', { name: 'Call controls' }).getByRole('button', { name: 'People' }).focus()
    await page.keyboard.press('p')
    await side.getByText('Ann', { exact: true }).first().waitFor()
    await page.keyboard.press('p')
    await side.waitFor({ state: 'hidden' })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await waitFor(async () => await focused() === 'People', { what: 'the focus where it was' })
    await page.keyboard.press('ArrowLeft')
    expect(await focused()).toBe('Chat')
    await page.keyboard.press('f')
    await waitFor(() => page.evaluate(() => document.fullscreenElement !== null), { what: 'the whole screen' })
    await page.getByRole('banner').waitFor({ state: 'hidden' })
    for (const control of vital(page)) expect(await obstacle(control)).toBeUndefined()
    await page.keyboard.press('f')
    await page.getByRole('banner').waitFor()
    await context.close()
  })

  it('shows two people with one\'s own picture floating, which is moved; reactions; and a screen as most of the window', async () => {
    const room = unique('two')
    const viewport = { width: 1440, height: 900 }
    const ann = await enterCall(browser, server, room, 'Ann', { context: { viewport } })
    const bob = await enterCall(browser, server, room, 'Bob', { context: { viewport } })
    await seesMoving(ann.page, 1)
    const own = tile(ann.page, 'Ann (you)')
    const other = tile(ann.page, 'Bob')
    const box = async (of = own) => (await of.boundingBox())!
    const [big, small] = [await box(other), await box()]
    expect(small.width).toBeLessThan(big.width / 2)
    await own.hover()
    await ann.page.mouse.down()
    await ann.page.mouse.move(big.x + 90, big.y + 60, { steps: 4 })
    await ann.page.mouse.up()
    await waitFor(async () => (await box()).x < big.x + big.width / 2 && (await box()).y < small.y, { what: 'the picture in another corner' })
    await own.getByRole('button', { name: 'Move your picture' }).focus()
    await ann.page.keyboard.press('ArrowRight')
    await waitFor(async () => (await box()).x > big.x + big.width / 2, { what: 'the picture moved by a key' })
    await ann.page.keyboard.press('l')
    await waitFor(async () => Math.abs((await box()).width - (await box(other)).width) < 2, { what: 'both side by side' })

    await bob.page.getByRole('button', { name: 'React', exact: true }).click()
    await bob.page.getByRole('button', { name: 'React with applause' }).click()
    await other.getByText('\u{1F44F}').waitFor()
    await tile(bob.page, 'Bob (you)').getByText('\u{1F44F}').waitFor()
    await bob.page.keyboard.press('Escape')
    await bob.page.getByRole('button', { name: 'React with applause' }).waitFor({ state: 'hidden' })

    expect(await ann.page.getByRole('timer').innerText()).toMatch(/^\d+:\d\d$/)
    await bob.page.keyboard.press('s')
    const screen = tile(ann.page, 'Bob\'s screen')
    await screen.waitFor()
    await ann.page.locator('#room-side').waitFor({ state: 'hidden' })
    const { width, height } = await box(screen)
    const seen = Math.min(width, height * 16 / 9)
    expect(seen * seen * 9 / 16 / (viewport.width * viewport.height)).toBeGreaterThan(0.55)
    await bob.page.keyboard.press('s')
    await ann.page.locator('#room-side').waitFor()
    await Promise.all([ann.context.close(), bob.context.close()])
  })
})

describe('a page', () => {
  it.each(['/', '/agents', '/docs/joining'])('does not jump while it loads: %s', async (path) => {
    const { page, context } = await browser.participant(server.url)
    await context.request.post('/api/session', { data: { name: 'Ann' } })
    await page.addInitScript(watchShifts)
    await page.goto(path, { waitUntil: 'networkidle' })
    expect(await shifts(page)).toBeLessThan(0.05)
    await context.close()
  })
})

describe('a room\'s page', () => {
  it.each([[1440, 900], [390, 844]])('does not jump while it loads at %i×%i', async (width, height) => {
    const { page, context } = await openChat(browser, server, unique('still'), 'Ann', {
      prepare: async (page) => {
        await page.setViewportSize({ width, height })
        await page.addInitScript(watchShifts)
      },
    })
    await page.getByText('No messages yet').waitFor()
    expect(await shifts(page)).toBeLessThan(0.05)
    const live = page.getByRole('button', { name: 'Connection: Live' })
    const before = await live.boundingBox()
    await page.getByRole('banner').getByRole('button', { name: 'Copy invite link' }).click()
    await page.getByRole('status').filter({ hasText: 'Link copied' }).waitFor({ state: 'attached' })
    expect(await live.boundingBox()).toEqual(before)
    await context.close()
  })

  it('keeps the connection\'s numbers in the window, shows where the keyboard is, and lists the keys', async () => {
    const { page, context } = await openChat(browser, server, unique('looks'), 'Ann')
    const ring = () => page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
      return `${document.activeElement?.textContent?.trim() || document.activeElement?.getAttribute('aria-label')}: ${outlineStyle} ${outlineWidth}`
    })
    // From the top of the page: one who comes in stands in the field.
    await page.evaluate(() => {
      document.body.tabIndex = -1
      document.body.focus()
    })
    await page.keyboard.press('Tab')
    expect(await ring()).toBe('Skip to the content: solid 2px')
    for (let n = 0; n < 6; n++) {
      await page.keyboard.press('Tab')
      expect(await ring()).toMatch(/: solid 2px$/)
    }
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
    const last = await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)
    expect(last).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await waitFor(async () => /: solid 2px$/.test(await ring()), { what: 'the focus where it was' })
    for (const width of [390, 320]) {
      await page.setViewportSize({ width, height: 640 })
      await page.getByRole('button', { name: /^Connection:/ }).click()
      const { x, width: wide } = (await page.getByRole('dialog', { name: 'Connection' }).boundingBox())!
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x + wide).toBeLessThanOrEqual(width)
      await page.keyboard.press('Escape')
    }
    await context.close()
  })
})
