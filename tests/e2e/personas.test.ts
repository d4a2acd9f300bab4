import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startAiServer } from '../support/ai-server'
import type { AiServer } from '../support/ai-server'
import { startBrowser } from '../support/browser'
import type { Participant, TestBrowser } from '../support/browser'
import { field, isLive, messages, openChat, write } from '../support/chat'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'
import { waitFor } from '../support/wait'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let ai: AiServer
let server: TestServer
let browser: TestBrowser
let olga: Participant
let omar: Participant

/** Somebody with a name, and who they are. */
async function person(name: string): Promise<Participant & { id: string }> {
  const participant = await browser.participant(server.url, { viewport: { width: 1280, height: 800 } })
  const { user } = await (await participant.context.request.post('/api/session', { data: { name } })).json() as { user: { id: string } }
  return { ...participant, id: user.id }
}

beforeAll(async () => {
  ai = await startAiServer()
  server = await startServer({ env: { NUXT_AI_BASE_URL: ai.url, NUXT_AI_MODEL: 'test-model' } })
  browser = await startBrowser()
  const [first, second] = [await person('Olga'), await person('Omar')]
  await server.restart({ NUXT_OPERATORS: `${first.id},${second.id}` })
  olga = first
  omar = second
})
afterEach(() => {
  ai.behave({})
  // The list is read now and then, also while a page is being left.
  expect([olga, omar].flatMap(({ errors }) => errors.splice(0)).filter(error => !/409|ERR_ABORTED/.test(error))).toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await ai?.close()
})

async function open(page: Page, id = 'host'): Promise<void> {
  await page.goto(`/personas/${id}`)
  await instructions(page).waitFor()
  // Written before the page's scripts run, it would be lost.
  await page.getByRole('region', { name: 'Versions' }).locator('p, ol').first().waitFor()
}

function instructions(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Instructions' })
}

function saveButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Save', exact: true })
}

async function saved(page: Page, version: number): Promise<void> {
  await page.getByText(`Saved as version ${version}.`, { exact: true }).first().waitFor()
}

/** The newest version as the server has it. */
async function versionOf(id: string): Promise<number> {
  const { personas } = await (await olga.context.request.get('/api/personas')).json() as { personas: { id: string, version: number }[] }
  return personas.find(persona => persona.id === id)?.version ?? -1
}

/** What axe finds to be serious or critical on a page as it stands, in light and in dark. */
async function isAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run())
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join('; ')}`), colorScheme).toEqual([])
  }
}

test('[AGT-8] [AGT-11] an operator changes the host, tries it before anybody hears it, saves, and the room\'s bot goes by it', async () => {
  const { page } = olga
  await open(page)
  await instructions(page).fill('You only speak of the sea.')
  await page.getByRole('textbox', { name: 'Avatar' }).fill('🐚')
  await page.getByRole('textbox', { name: 'Your question' }).fill('What is new?')
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  const pane = page.getByRole('region', { name: 'Try it' })
  await pane.getByText('Hello there.').waitFor()
  expect(await pane.getByText('openai-compatible · test-model').count()).toBe(1)
  expect(JSON.stringify(ai.requests.at(-1)?.messages)).toMatch(/You only speak of the sea\..*Olga: What is new\?/)
  expect(await versionOf('host')).toBe(0)

  await saveButton(page).click()
  await saved(page, 1)
  await page.getByRole('region', { name: 'Versions' }).getByText('Version 1').waitFor()

  const room = unique('sea')
  const ann = await openChat(browser, server, room, 'Ann')
  await ann.page.getByRole('switch', { name: 'Concierge answers in this room' }).click()
  ai.behave({ chunks: ['Waves.'] })
  await write(ann.page, '@host, what is new?')
  await messages(ann.page, 'Waves.').waitFor()
  expect(JSON.stringify(ai.requests.at(-1)?.messages)).toContain('You only speak of the sea.')
  expect(await messages(ann.page, 'Waves.').getByText('🐚').count()).toBe(1)
  expect(await ann.page.getByRole('region', { name: 'Bots' }).getByText('🐚').count()).toBe(1)
  await field(ann.page).focus()
  await ann.page.keyboard.type('@ho')
  await ann.page.getByRole('option', { name: /Concierge/ }).getByText('🐚').waitFor()

  const bots = ann.page.getByRole('region', { name: 'Bots' })
  expect(await bots.getByText('tokens this hour').count()).toBe(0)
  expect(await bots.getByRole('link').count()).toBe(0)
  await page.goto(`/r/${room}`)
  await isLive(page)
  await page.getByRole('region', { name: 'Bots' }).getByText(/^[1-9]\d* of 200,000 tokens this hour$/).waitFor()
  expect(await page.getByRole('link', { name: /Personas/ }).getAttribute('href')).toBe('/personas')
  await ann.context.close()
})

test('[AGT-11] a try is stopped at its source, and one that fails says why', async () => {
  const { page } = olga
  await open(page)
  const pane = page.getByRole('region', { name: 'Try it' })
  ai.behave({ chunks: Array.from({ length: 100 }, (_, n) => `word${n} `), delayMs: 100 })
  await page.getByRole('textbox', { name: 'Your question' }).fill('Go on')
  await page.keyboard.press('Enter')
  await pane.getByText('word3').waitFor()
  await pane.getByRole('button', { name: 'Stop' }).click()
  await waitFor(() => ai.open === 0, { timeout: 1000, what: 'the engine to be left' })
  await pane.getByText('Stopped before its end.').waitFor()
  expect(await pane.getByText('word3').count()).toBe(1)
  ai.behave({ status: 401 })
  await pane.getByRole('button', { name: 'Ask', exact: true }).click()
  await pane.getByRole('alert').getByText('It could not answer. The engine does not accept this server’s key.').waitFor()
})

test('[AGT-8] of two operators the slower one is told, loses no word, and decides', async () => {
  await open(olga.page, 'guide')
  await open(omar.page, 'guide')
  const base = await versionOf('guide')
  await instructions(olga.page).fill('Olga was here.')
  await instructions(omar.page).fill('Omar was here.')
  await saveButton(olga.page).click()
  await saved(olga.page, base + 1)
  await saveButton(omar.page).click()
  const warning = omar.page.getByRole('alert').filter({ hasText: `Somebody saved version ${base + 1} meanwhile` })
  await warning.waitFor()
  expect(await instructions(omar.page).inputValue()).toBe('Omar was here.')
  expect(await saveButton(omar.page).isDisabled()).toBe(true)
  expect(await versionOf('guide')).toBe(base + 1)
  await warning.getByRole('button', { name: 'Keep mine' }).click()
  await saveButton(omar.page).click()
  await saved(omar.page, base + 2)

  const versions = omar.page.getByRole('region', { name: 'Versions' })
  await versions.getByText(`Version ${base + 2}`).waitFor()
  expect((await versions.getByRole('listitem').allInnerTexts()).slice(0, 2)).toEqual([expect.stringMatching(/Now[^]*Omar/), expect.stringContaining('Olga')])
  await versions.getByRole('button', { name: `View version ${base + 1}` }).click()
  await versions.getByText('Olga was here.').waitFor()
  await versions.getByRole('button', { name: `Restore version ${base + 1}` }).click()
  await omar.page.getByRole('dialog').getByRole('button', { name: 'Restore' }).click()
  await saved(omar.page, base + 3)
  await waitFor(async () => await instructions(omar.page).inputValue() === 'Olga was here.')
  await omar.page.getByRole('button', { name: 'Reset to the first version' }).click()
  await omar.page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
  await waitFor(async () => (await instructions(omar.page).inputValue()).startsWith('You answer questions about Lastra itself'))
})

test('[AGT-8] [AGT-10] a persona is made, refused while wrong, guarded while unsaved, and deleted', async () => {
  const { page } = olga
  await page.goto('/')
  await page.getByRole('link', { name: 'Personas' }).click()
  await page.getByRole('link', { name: 'New persona' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Sea Poet')
  expect(await page.getByRole('textbox', { name: 'Handle' }).inputValue()).toBe('sea-poet')
  await page.getByRole('textbox', { name: 'Handle' }).fill('host')
  await page.getByText('There is already a persona with this handle.').waitFor()
  await page.getByRole('textbox', { name: 'Handle' }).fill('sea-poet')
  await page.getByRole('spinbutton', { name: 'Answers a minute' }).fill('500')
  await page.getByRole('button', { name: 'Create persona' }).click()
  await page.getByText('Must be at most 120.').waitFor()
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true')
  await page.getByRole('spinbutton', { name: 'Answers a minute' }).fill('5')
  await page.getByRole('combobox', { name: 'Engine' }).click()
  expect(await page.getByRole('option').allInnerTexts()).toEqual(['The server’s own: openai-compatible · test-model', 'Built-in engine', 'OpenAI-compatible server'])
  await page.keyboard.press('Escape')
  await page.getByText('OpenAI (NUXT_AI_OPENAI_KEY is missing)').waitFor()

  await page.getByRole('link', { name: /^Concierge/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('Leave without saving?').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Sea Poet')
  await page.getByRole('button', { name: 'Create persona' }).click()
  await saved(page, 1)
  await page.waitForURL('**/personas/sea-poet')
  expect(await page.getByRole('link', { name: /Sea Poet/ }).getAttribute('aria-current')).toBe('page')

  await page.getByRole('button', { name: 'Delete persona' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await page.waitForURL('**/personas')
  await page.getByRole('link', { name: /Sea Poet/ }).waitFor({ state: 'detached' })
  expect(await versionOf('sea-poet')).toBe(-1)
})

test('[AGT-8] nobody else sees the personas, and is told so in words', async () => {
  const ann = await person('Ann')
  const refused = await ann.page.goto('/personas/host')
  expect(refused?.status()).toBe(403)
  await ann.page.getByRole('heading', { name: 'Only operators keep the personas' }).waitFor()
  expect(await ann.page.getByText(ann.id).count()).toBe(1)
  expect(await ann.page.content()).not.toContain('You welcome people')
  await ann.page.goto('/')
  await ann.page.getByRole('button', { name: 'Open room' }).waitFor()
  expect(await ann.page.getByRole('link', { name: 'Personas' }).count()).toBe(0)
  await ann.context.clearCookies()
  expect((await ann.page.goto('/personas'))?.status()).toBe(401)
  await ann.page.getByText('You have no name here yet.').waitFor()
  await isAccessible(ann.page)
  await ann.context.close()
})

test.each([['desk', 1280, 800], ['phone', 390, 844]])('[B] axe finds nothing serious on a %s, and nothing is wider than it', async (_name, width, height) => {
  const { page } = omar
  await page.setViewportSize({ width, height })
  const fits = async () => expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  await page.goto('/personas')
  await page.getByRole('navigation', { name: 'List of personas' }).waitFor()
  await isAccessible(page)
  await fits()
  await page.request.put('/api/personas/oracle', { data: { name: 'Oracle', instructions: '', engine: 'google' } })
  await open(page, 'oracle')
  await page.getByText('Google is not configured: NUXT_AI_GOOGLE_KEY is missing.').waitFor()
  await isAccessible(page)
  await open(page)
  await page.getByRole('textbox', { name: 'Avatar' }).fill('wrong')
  await page.getByText('Must be one emoji, or one or two letters.').waitFor()
  await isAccessible(page)
  await fits()
  await page.getByRole('textbox', { name: 'Avatar' }).fill('🐙')
  await page.getByRole('textbox', { name: 'Your question' }).fill('What is new?')
  await page.keyboard.press('Enter')
  await page.getByText('Hello there.').waitFor()
  await isAccessible(page)
  await fits()
  await page.getByRole('button', { name: 'Discard changes' }).click()
  await page.getByRole('link', { name: 'All personas' }).click()
  await page.getByRole('link', { name: /^Guide/ }).waitFor()
})
