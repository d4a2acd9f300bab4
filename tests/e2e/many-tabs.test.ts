import { join } from 'node:path'
import type { BrowserContext, Page, Request } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { messages, write } from '../support/chat'
import { browser, product, server } from '../support/product'
import { unique } from '../support/session'
import { readStoredRooms } from '../support/stored-log'
import { waitFor } from '../support/wait'

const contexts: BrowserContext[] = []

product({ limits: 'default' })
afterEach(async () => {
  await Promise.all(contexts.splice(0).map(context => context.close()))
})

const LIVE = { sse: 'Connection: Live over SSE', polling: 'Connection: Live over polling', websocket: 'Connection: Live' }
type Transport = keyof typeof LIVE

/** The tabs of one browser profile, and the requests that are on their way from each. */
interface Profile {
  context: BrowserContext
  open: (room: string, transport: Transport) => Promise<Page>
  /** The tabs that hold a request open, at a moment in which nothing else is asked. */
  holders: () => Page[]
}

async function profile(name: string): Promise<Profile> {
  const { context, page } = await browser.participant(server.url)
  contexts.push(context)
  await page.close()
  await context.request.post('/api/session', { data: { name } })
  const pending = new Map<Request, Page>()
  context.on('request', request => /\/api\/chat\/(?:lines|poll|stream)/.test(request.url()) && pending.set(request, request.frame().page()))
  context.on('requestfinished', request => pending.delete(request))
  context.on('requestfailed', request => pending.delete(request))
  return {
    context,
    async open(room, transport) {
      const tab = await context.newPage()
      tab.once('close', () => pending.forEach((page, request) => page === tab && pending.delete(request)))
      await tab.goto(`/r/${room}?transport=${transport}`)
      await isLive(tab, transport)
      return tab
    },
    holders: () => [...new Set(pending.values())],
  }
}

function isLive(tab: Page, transport: Transport): Promise<void> {
  return tab.getByRole('button', { name: LIVE[transport], exact: true }).waitFor({ timeout: 20_000 })
}

/** Notes from now on whether a tab ever says that it is not connected. */
function watchLive(tab: Page): Promise<void> {
  return tab.evaluate(() => {
    const seen: string[] = []
    Object.assign(globalThis, { seen })
    const look = () => {
      const words = document.querySelector('button[aria-label^="Connection:"]')?.getAttribute('aria-label')
      if (words && !words.startsWith('Connection: Live')) seen.push(words)
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
  })
}

const seen = (tab: Page) => tab.evaluate(() => (globalThis as unknown as { seen: string[] }).seen)

/** Ends a tab's process. The command itself is never answered. */
async function crash(tab: Page): Promise<void> {
  const gone = tab.waitForEvent('crash')
  const control = await tab.context().newCDPSession(tab)
  control.send('Page.crash').catch(() => undefined)
  await gone
}

/** Every tab of a room shows what the log holds: each text once, in its order. */
async function agree(room: string, tabs: readonly Page[], count: number): Promise<void> {
  const stored = () => readStoredRooms(join(server.dataDir, 'lastra.db')).get(room)?.messages.map(message => message.text) ?? []
  await waitFor(() => stored().length === count, { what: () => `${count} messages in ${room}, not ${stored().join(' | ')}` })
  const shown = async (tab: Page) => (await messages(tab, /tab \d+ says/).allInnerTexts()).flatMap(text => /tab \d+ says \w+/.exec(text)?.[0] ?? [])
  for (const tab of tabs) {
    await waitFor(async () => (await shown(tab)).length >= count, { what: `${count} messages on the page` })
    expect(await shown(tab)).toEqual(stored())
  }
}

describe.each(['sse', 'polling'] as const)('[TAB-4] twelve tabs of one browser over %s, with six connections for all of them', (transport) => {
  it('are live, hold one request, and lose nothing as the one that reads for all is frozen, crashes and is closed', async () => {
    const rooms = [unique('many'), unique('more')]
    const ann = await profile('Ann')
    const tabs = await Promise.all(Array.from({ length: 12 }, (_, n) => ann.open(rooms[n % 2]!, transport)))
    const counts = [0, 0]
    const alive = new Set(tabs)
    const of = (index: number) => [...alive].filter(tab => tabs.indexOf(tab) % 2 === index)
    // One after the other in each room, because its tabs share their draft.
    const say = (what: string, writers = 1) => Promise.all(rooms.map(async (room, index) => {
      for (const tab of of(index).slice(-writers)) {
        const text = `tab ${tabs.indexOf(tab)} says ${what}`
        await write(tab, text)
        counts[index]!++
        await Promise.all(of(index).map(other => messages(other, text).waitFor()))
      }
      await agree(room, of(index), counts[index]!)
    }))
    const holder = async () => {
      await waitFor(() => ann.holders().filter(tab => alive.has(tab)).length === 1, { what: () => `one tab that reads, not ${ann.holders().length}` })
      return ann.holders().find(tab => alive.has(tab))!
    }
    await Promise.all(tabs.map(watchLive))
    await say('hello', 6)

    const frozen = await holder()
    const control = await ann.context.newCDPSession(frozen)
    await control.send('Page.setWebLifecycleState', { state: 'frozen' })
    alive.delete(frozen)
    await say('cold')
    await control.send('Page.setWebLifecycleState', { state: 'active' })
    alive.add(frozen)
    await say('warm')

    const crashed = await holder()
    alive.delete(crashed)
    await crash(crashed)
    await say('onwards')

    const closed = await holder()
    alive.delete(closed)
    await closed.close()
    await say('goodbye')
    for (const tab of alive) expect(await seen(tab)).toEqual([])
  }, 120_000)
})

describe('[TAB-4] tabs over all transports at once', () => {
  it('hold one request a kind, and are all somebody else once one of them signs in anew', async () => {
    const ann = await profile('Ann')
    const room = unique('mixed')
    const kinds = ['sse', 'polling', 'websocket', 'sse', 'polling', 'sse'] as const
    const tabs = await Promise.all(kinds.map(kind => ann.open(room, kind)))
    const everybody = async (text: string) => {
      for (const tab of tabs) await messages(tab, text).waitFor()
    }
    await write(tabs[0]!, 'tab 0 says hello')
    await everybody('tab 0 says hello')
    await waitFor(() => ann.holders().length === 2, { what: () => `one tab a kind that reads, not ${ann.holders().length}` })

    await ann.context.request.delete('/api/session')
    await tabs[1]!.reload()
    for (const tab of tabs) await tab.getByRole('textbox', { name: 'Your name' }).waitFor({ timeout: 20_000 })
    await tabs[1]!.getByRole('textbox', { name: 'Your name' }).fill('Eve')
    await tabs[1]!.getByRole('button', { name: 'Enter room' }).click()
    await Promise.all(tabs.map((tab, n) => isLive(tab, kinds[n]!)))
    await write(tabs[4]!, 'tab 4 says hello')
    await everybody('tab 4 says hello')
    await messages(tabs[0]!, 'Eve').filter({ hasText: 'tab 4 says hello' }).waitFor()
    await agree(room, tabs, 2)
  }, 120_000)
})

describe.each(['websocket', 'sse'] as const)('[CON-6] one tab too many over %s', (transport) => {
  it('says what it waits for, and goes on when another one is closed', async () => {
    await server.restart({ NUXT_LIMITS_CONNECTIONS_PER_USER: '1' })
    const ann = await profile('Ann')
    const room = unique('full')
    const first = await ann.open(room, transport)
    const second = await ann.context.newPage()
    await second.goto(`/r/${room}?transport=${transport}`)
    await second.getByRole('alert').filter({ hasText: 'from too many tabs or devices' }).waitFor()
    await first.close()
    await isLive(second, transport)
    await second.getByRole('alert').filter({ hasText: 'from too many tabs or devices' }).waitFor({ state: 'detached' })
  })
})
