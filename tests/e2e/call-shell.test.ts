import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from '../support/browser'
import type { TestBrowser } from '../support/browser'
import { enterCall } from '../support/call'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { unique } from '../support/session'
import { choosePane, obstacle, vital, WINDOWS } from '../support/shell'

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
})
