import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, startSession } from '../support/agent-page'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { openChat, write, messages } from '../support/chat'
import { joinCall } from '../support/call'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'

let server: TestServer
let browser: TestBrowser

beforeAll(async () => {
  server = await startServer()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

/** What axe finds to be serious or critical on a page as it stands, in light and in dark. */
async function isAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run())
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => `${node.target.join(' ')} (${node.failureSummary?.replaceAll('\n', ' ')})`).join('; ')}`)
    expect(found, `${what}, ${colorScheme}`).toEqual([])
  }
}

describe.each([
  ['desk', { width: 1280, height: 800 }],
  ['phone', { width: 390, height: 844 }],
])('[B] axe finds nothing serious on a %s', (_name, viewport) => {
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
    const { page, context } = await openChat(browser, server, unique('axe'), 'Ann')
    await page.setViewportSize(viewport)
    await write(page, '# Title\n\n**bold** [link](https://example.org) `code`\n\n```ts\nconst answer = 42 // forty-two\n```\n\n> quote\n\n| a | b |\n|---|---|\n| 1 | 2 |')
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
    await context.close()
  })
})
