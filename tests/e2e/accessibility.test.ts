import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ask, startSession } from '../support/agent-page'
import { openChat, write, messages } from '../support/chat'
import { joinCall } from '../support/call'
import { contrast } from '../support/contrast'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'

product()

/** What axe finds on a page as it stands, in light and in dark, but for what it calls minor. */
async function isAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run())
    const wrong = violations.filter(({ impact }) => impact !== 'minor')
    const found = wrong.map(({ id, nodes }) => `${id}: ${nodes.map(node => `${node.target.join(' ')} (${node.failureSummary?.replaceAll('\n', ' ')})`).join('; ')}`)
    expect(found, `${what}, ${colorScheme}`).toEqual([])
  }
}

describe.each([
  ['desk', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
])('[B] axe finds nothing on a %s', (_name, viewport) => {
  test('landing page, name form, and an address that is no room', async () => {
    const { page, context } = await browser.participant(server.url, { viewport })
    await page.goto('/')
    await page.getByRole('button', { name: 'Open room' }).waitFor()
    await isAccessible(page, 'landing page')
    await page.goto(`/r/${unique('form')}`)
    await page.getByRole('button', { name: 'Enter room' }).waitFor()
    await isAccessible(page, 'name form')
    await page.goto('/r/-not-a-room')
    await page.getByRole('heading').first().waitFor()
    await isAccessible(page, 'no room')
    await page.goto('/nowhere')
    await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor()
    await isAccessible(page, 'error')
    await page.goto('/docs/joining')
    await isAccessible(page, 'docs')
    await context.close()
  })

  test('agents: the list with its menu, a new session, an answer, another\'s session, and the help', async () => {
    const { page, context } = await browser.participant(server.url, { viewport })
    await page.goto('/agents')
    await page.getByRole('button', { name: 'Continue' }).waitFor()
    await isAccessible(page, 'name for agents')
    await page.goto('/')
    await page.getByRole('button', { name: 'Help', exact: true }).click()
    const help = page.getByRole('dialog', { name: 'Help' })
    await help.getByRole('heading', { name: 'What do you want to know?' }).waitFor()
    await isAccessible(page, 'help')
    await ask(help, 'How do I share my screen?')
    await help.getByRole('button', { name: 'Copy answer' }).waitFor()
    await isAccessible(page, 'help with an answer')
    await context.request.patch('/api/session', { data: { name: 'Ann' } })
    await context.clearCookies({ name: 'lastra_unnamed' })
    await page.goto('/agents/new')
    await page.getByRole('heading', { name: 'Who do you want to ask?' }).waitFor()
    await isAccessible(page, 'agents to ask')
    await startSession(page)
    await isAccessible(page, 'new session')
    await ask(page, 'Who are you?')
    await page.getByRole('button', { name: 'Copy answer' }).waitFor()
    await isAccessible(page, 'session with an answer')
    await page.getByRole('button', { name: 'Edit and send again' }).click()
    await isAccessible(page, 'editing a question')
    await page.goto('/agents')
    await page.getByRole('button', { name: 'Options of Who are you?' }).click()
    await page.getByRole('menu').waitFor()
    await isAccessible(page, 'list of sessions')
    await page.goto('/agents/0123456789abcdefghij')
    await page.getByRole('heading', { name: 'There is no such session' }).waitFor()
    await isAccessible(page, 'no session')
    await context.close()
  })

  test('room with messages, its menus, pre-join and call', async () => {
    const { page, context } = await openChat(browser, server, unique('axe'), 'Ann', { query: '?transport=websocket' })
    await page.setViewportSize(viewport)
    await write(page, '# Title\n\n**bold** [link](https://example.org) `code`\n\n```ts\nconst answer = 42 // forty-two\n```\n\n> quote `in code`\n\n| a | b |\n|---|---|\n| 1 | 2 |')
    await messages(page, 'forty-two').waitFor()
    await isAccessible(page, 'room')
    await page.getByRole('button', { name: /^Connection:/ }).click()
    await isAccessible(page, 'connection')
    await page.getByRole('button', { name: 'Connection tests' }).click()
    await page.getByRole('region', { name: 'Connection tests' }).getByRole('table').waitFor()
    await isAccessible(page, 'connection tests')
    await page.keyboard.press('Escape')
    await messages(page, 'forty-two').hover()
    await page.getByRole('toolbar', { name: 'Message actions' }).waitFor()
    await isAccessible(page, 'message actions')
    await page.getByRole('button', { name: 'Insert emoji' }).click()
    await page.getByRole('radio', { name: 'Medium', exact: true }).waitFor()
    await isAccessible(page, 'emoji')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Room options' }).click()
    await page.getByRole('menu').waitFor()
    await isAccessible(page, 'room menu')
    await page.keyboard.press('Escape')
    await page.getByRole('menu').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: /^(?:Join the call|Start a call)/ }).click()
    await page.getByRole('button', { name: 'Join now' }).waitFor()
    await isAccessible(page, 'pre-join')
    await page.getByRole('button', { name: 'Back to the room' }).click()
    await joinCall(page)
    await isAccessible(page, 'call')
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menu').waitFor()
    await isAccessible(page, 'menu of the call')
    await page.keyboard.press('Escape')
    await context.close()
  })
})

test('[B] who stands at a locked door, and who is asked to open it, have a page without faults', async () => {
  const room = unique('knock')
  const host = await openChat(browser, server, room, 'Ann')
  await host.page.getByRole('button', { name: 'Room options' }).click()
  await host.page.getByRole('menuitem', { name: 'Lock room' }).click()
  await host.page.getByRole('banner').getByText('Locked').waitFor({ state: 'attached' })
  const guest = await browser.participant(server.url)
  await guest.context.request.post('/api/session', { data: { name: 'Bob' } })
  await guest.page.goto(`/r/${room}`)
  await guest.page.getByRole('button', { name: 'Knock' }).click()
  await host.page.getByRole('button', { name: 'Let in Bob' }).waitFor()
  await isAccessible(guest.page, 'door')
  await isAccessible(host.page, 'knock')
  await Promise.all([host.context.close(), guest.context.close()])
})

test('[B] where the keyboard is stands out 3 to 1, and what an empty field says 4.5 to 1, in both themes', async () => {
  const { page, context } = await openChat(browser, server, unique('contrast'), 'Ann')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.getByRole('link', { name: 'All rooms' }).focus()
    await page.keyboard.press('Tab')
    expect(await contrast(page, ':focus-visible', 'outlineColor'), `ring, ${colorScheme}`).toBeGreaterThanOrEqual(3)
    expect(await contrast(page, 'textarea', 'color', '::placeholder'), `placeholder, ${colorScheme}`).toBeGreaterThanOrEqual(4.5)
  }
  await context.close()
})

/** The controls in view that are smaller than a finger; what is part of a sentence may be. */
function tooSmall(page: Page): Promise<string[]> {
  return page.evaluate(() => [...document.querySelectorAll<HTMLElement>('button, a[href], input, [role=menuitem], [role=tab]')].flatMap((control) => {
    const { width, height, top, bottom } = control.getBoundingClientRect()
    if (!control.checkVisibility({ visibilityProperty: true }) || width === 0 || bottom < 0 || top > innerHeight) return []
    if (control.closest('.prose-chat, .skip-link, li p') || control.getAttribute('role') === 'switch') return []
    return width < 44 || height < 44 ? [`${control.getAttribute('aria-label') ?? control.innerText}: ${Math.round(width)}×${Math.round(height)}`] : []
  }))
}

test('[B] a finger finds every control, at 320 pixels too, and none of them is out of the window', async () => {
  const { page, context } = await browser.participant(server.url, { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' })
  const check = async (what: string) => {
    expect(await tooSmall(page), what).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), what).toBeLessThanOrEqual(0)
  }
  await page.goto('/')
  await page.getByRole('button', { name: 'Open room' }).waitFor()
  await check('landing page')
  await context.request.post('/api/session', { data: { name: 'Ann' } })
  await page.goto(`/r/${unique('fingers')}`)
  await page.getByRole('button', { name: 'Connection: Live' }).waitFor()
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('hello')
  await page.getByRole('button', { name: 'Send' }).tap()
  await messages(page, 'hello').tap()
  await page.getByRole('toolbar', { name: 'Message actions' }).waitFor()
  await check('room with the actions of a message')
  await page.getByRole('button', { name: 'Room options' }).tap()
  await page.getByRole('menu').waitFor()
  await check('room menu')
  await page.keyboard.press('Escape')
  await joinCall(page)
  await check('call')
  await context.close()
})
