import { expect, test, vi } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { ask, question, rows } from '../support/agent-page'
import { openChat } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

vi.setConfig({ testTimeout: 90_000 })

product()

function panel(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Help' })
}

async function openHelp(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Help', exact: true }).click()
  await panel(page).waitFor()
  return panel(page)
}

/** Asks, and follows the citation to its passage. */
async function leadsToDocs(page: Page, text: string): Promise<void> {
  const help = panel(page)
  await ask(help, text)
  const source = help.getByRole('list', { name: 'Sources' }).last().getByRole('link').first()
  await source.waitFor({ timeout: 20_000 })
  const href = await source.getAttribute('href') ?? ''
  expect(href).toMatch(/^\/docs\/[\w.-]+#\S+$/)
  const [docs] = await Promise.all([page.waitForEvent('popup'), source.click()])
  await docs.waitForLoadState()
  expect(new URL(docs.url()).pathname + new URL(docs.url()).hash).toBe(href)
  expect(await docs.locator(':target').count()).toBe(1)
  await docs.close()
}

test('[D5] who has no name is helped on the landing page, with a link into the docs, and again after a reload', async () => {
  const { page, context, errors } = await browser.participant(server.url)
  await page.goto('/')
  await openHelp(page)
  // Nobody is signed in by looking.
  expect((await context.cookies()).map(({ name }) => name)).not.toContain('lastra_unnamed')
  expect((await context.request.get('/api/session')).status()).toBe(401)
  await leadsToDocs(page, 'What happens to messages when I am offline?')
  await page.keyboard.press('Escape')
  await panel(page).waitFor({ state: 'detached' })
  expect(await page.getByRole('button', { name: 'Help', exact: true }).evaluate(button => button === document.activeElement)).toBe(true)

  await page.reload()
  const help = await openHelp(page)
  await rows(help).filter({ hasText: 'What happens to messages' }).waitFor()
  expect(await rows(help).count()).toBe(2)
  await help.getByRole('button', { name: 'New question' }).click()
  await help.getByRole('heading', { name: 'What do you want to know?' }).waitFor()
  await help.getByRole('button', { name: 'How do I share my screen?' }).click()
  await rows(help).nth(1).getByRole('button', { name: 'Copy answer' }).waitFor()
  expect(await rows(help).count()).toBe(2)

  // One who was helped has given no name: a room still asks for it, and goes on as the same person.
  const { user } = await (await context.request.get('/api/session')).json() as { user: { id: string } }
  await page.goto(`/r/${unique('after')}`)
  await page.getByRole('textbox', { name: 'Your name' }).fill('Dana')
  await page.getByRole('button', { name: 'Enter room' }).click()
  await page.getByRole('button', { name: 'Connection: Live' }).waitFor()
  expect(await (await context.request.get('/api/session')).json()).toMatchObject({ user: { id: user.id, name: 'Dana' } })
  await page.reload()
  await page.getByRole('button', { name: 'Connection: Live' }).waitFor()
  expect(errors.filter(error => !error.includes('401'))).toEqual([])
  await context.close()
})

test('[D5] help asked for at the door of a room does not lead into it', async () => {
  const { page, context } = await browser.participant(server.url)
  await page.goto(`/r/${unique('door')}`)
  const help = await openHelp(page)
  await ask(help, 'How do I share my screen?')
  await rows(help).nth(1).getByRole('button', { name: 'Copy answer' }).waitFor()
  expect(await page.getByRole('button', { name: 'Enter room' }).count()).toBe(1)
  await page.reload()
  await page.getByRole('button', { name: 'Enter room' }).waitFor()
  await context.close()
})

test.each([['desk', { width: 1280, height: 800 }], ['phone', { width: 390, height: 844 }]])('[D5] in a room on a %s the button covers nothing, and the answer is for oneself', async (_, viewport) => {
  const { page, context, errors } = await openChat(browser, server, unique('help'), 'Ann')
  await page.setViewportSize(viewport)
  const button = page.getByRole('button', { name: 'Help', exact: true })
  const [help, field] = await Promise.all([button.boundingBox(), page.getByRole('textbox', { name: 'Message', exact: true }).boundingBox()])
  expect((help?.y ?? 0) + (help?.height ?? 0)).toBeLessThan(field?.y ?? 0)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  await openHelp(page)
  await leadsToDocs(page, 'Why does a call need a TURN server?')
  expect(await page.getByRole('group', { name: 'Messages' }).first().getByRole('article').filter({ hasText: 'TURN' }).count()).toBe(0)
  await panel(page).getByRole('button', { name: 'Close' }).click()
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Still here')
  expect(errors).toEqual([])
  await context.close()
})

test('[D5] a session that is gone gives way to a new question', async () => {
  const { page, context } = await openChat(browser, server, unique('gone'), 'Ann')
  let help = await openHelp(page)
  await ask(help, 'How do I share my screen?')
  await rows(help).nth(1).getByRole('button', { name: 'Copy answer' }).waitFor()
  const { sessions } = await (await context.request.get('/api/ai-agent/sessions')).json() as { sessions: { id: string }[] }
  for (const { id } of sessions) await context.request.delete(`/api/ai-agent/sessions/${id}`)
  await page.reload()
  help = await openHelp(page)
  await help.getByRole('heading', { name: 'What do you want to know?' }).waitFor()
  await ask(help, 'What is kept when I am offline?')
  await waitFor(async () => await rows(help).count() === 2)
  expect(await question(help).inputValue()).toBe('')
  await context.close()
})
