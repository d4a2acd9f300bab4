import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { findChromium } from '../../scripts/programs.mjs'

/** Fake camera and microphone, no question to a user, nothing fetched in the background. */
const FLAGS = [
  '--headless=new', '--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--allow-loopback-in-peer-connection',
  '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
]

/** A participant: a browser profile of their own, with one page. */
export interface Participant {
  context: BrowserContext
  page: Page
  /** What the page's scripts threw and what it wrote to the console as an error. */
  errors: string[]
}

/** One Chromium for a whole test file; each participant is a context of it. */
export interface TestBrowser {
  browser: Browser
  /**
   * Opens a profile with camera and microphone allowed.
   *
   * @param baseURL the server's address, so that pages are opened by path
   */
  participant: (baseURL: string, options?: BrowserContextOptions) => Promise<Participant>
  close: () => Promise<void>
}

/**
 * Starts the system's Chromium with fake media devices.
 *
 * @param flags further switches, for example `--use-fake-ui-for-media-stream=deny`
 * @throws when no Chromium is installed
 */
export async function startBrowser(flags: string[] = []): Promise<TestBrowser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('Chromium is missing: run `npm test`, or set CHROMIUM_PATH')
  const browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
  return {
    browser,
    participant: async (baseURL, options = {}) => {
      const context = await browser.newContext({ baseURL, permissions: ['camera', 'microphone'], ...options })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('pageerror', error => errors.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      return { context, page, errors }
    },
    close: () => browser.close(),
  }
}
