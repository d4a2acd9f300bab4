import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { startBrowser } from '../support/browser'
import { isLive, messages, write } from '../support/chat'
import { openStream } from '../support/https'
import { browser, product, server } from '../support/product'
import { startProxy } from '../support/proxies'
import type { TestProxy } from '../support/proxies'
import { createUser, unique } from '../support/session'
import { pause } from '../support/wait'

/** What the top bar says of each transport. */
const LIVE = { websocket: 'Connection: Live', sse: 'Connection: Live over SSE', polling: 'Connection: Live over polling' }

/** A path WebSockets do not take: nginx forwards `Upgrade` only when it is told to. */
const withoutWebSockets = (config: string): string => config.replace('proxy_set_header Upgrade $http_upgrade;', 'proxy_set_header Upgrade "";')
/** A proxy that collects an answer before it passes it on: compression fills its buffer first. */
const collecting = (config: string): string => config
  .replace('proxy_http_version 1.1;', 'proxy_http_version 1.1; proxy_ignore_headers X-Accel-Buffering;')
  .replace('http {', 'http { gzip on; gzip_proxied any; gzip_min_length 0; gzip_types text/event-stream;')

const stops: (() => Promise<void>)[] = []

product({ env: { NUXT_TRUST_PROXY: 'true' } })
afterAll(async () => {
  await Promise.all(stops.map(stop => stop()))
})

async function proxied(...[kind, change]: [kind: 'nginx' | 'haproxy', change?: (config: string) => string]): Promise<TestProxy> {
  const proxy = await startProxy(kind, { port: server.port, change })
  stops.push(proxy.stop)
  return proxy
}

/** A browser profile of somebody who has a name already. */
async function guest(proxy: TestProxy, name: string, from = browser): Promise<BrowserContext> {
  const { context, page } = await from.participant(proxy.url, { ignoreHTTPSErrors: true })
  await page.close()
  await context.request.post('/api/session', { data: { name } })
  return context
}

async function openTab(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(path)
  return page
}

function protocolOf(page: Page): Promise<string> {
  return page.evaluate(() => (performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming).nextHopProtocol)
}

describe.each(['nginx', 'haproxy'] as const)('[J2] a room\'s page through %s, TLS and HTTP/2', (kind) => {
  test.each(['websocket', 'sse', 'polling'] as const)('chats over %s', async (transport) => {
    const proxy = await proxied(kind)
    const room = unique('page')
    const [ann, bob] = await Promise.all(['Ann', 'Bob'].map(async name => openTab(await guest(proxy, name), `/r/${room}?transport=${transport}`)))
    for (const page of [ann!, bob!]) {
      await page.getByRole('button', { name: LIVE[transport], exact: true }).waitFor()
      expect(await protocolOf(page)).toBe('h2')
    }
    await write(ann!, 'through the proxy')
    await messages(bob!, 'through the proxy').waitFor()
    await Promise.all([ann!.context().close(), bob!.context().close()])
  })
})

describe('[SSE-1] many tabs of one browser on SSE', () => {
  test.each(['nginx', 'haproxy'] as const)('eight are live at once through %s, because HTTP/2 needs one connection for all', async (kind) => {
    const proxy = await proxied(kind)
    const room = unique('tabs')
    const context = await guest(proxy, 'Ann')
    const tabs = await Promise.all(Array.from({ length: 8 }, () => openTab(context, `/r/${room}?transport=sse`)))
    for (const tab of tabs) await tab.getByRole('button', { name: LIVE.sse, exact: true }).waitFor()
    await write(tabs[0]!, 'to all eight')
    await Promise.all(tabs.map(tab => messages(tab, 'to all eight').waitFor()))
    await context.close()
  })

  test('with HTTP/1.1 six take every connection there is; the seventh waits until one is closed', async () => {
    const old = await startBrowser(['--disable-http2'])
    stops.push(old.close)
    const proxy = await proxied('nginx')
    const room = unique('six')
    const context = await guest(proxy, 'Ann', old)
    const tabs: Page[] = []
    for (let n = 0; n < 6; n++) tabs.push(await openTab(context, '/api/health'))
    // WebSockets are counted apart.
    await tabs[0]!.evaluate(url => Promise.all(Array.from({ length: 3 }, () => new Promise((resolve, reject) => {
      const socket = new WebSocket(url)
      socket.onopen = resolve
      socket.onerror = reject
    }))), proxy.wsUrl)
    expect(await protocolOf(tabs[0]!)).toBe('http/1.1')
    for (const tab of tabs) {
      await tab.evaluate(url => new Promise((resolve, reject) => {
        const source = new EventSource(url)
        source.addEventListener('connection.established', resolve)
        source.addEventListener('error', reject)
      }), `/api/chat/stream?room=${room}`)
    }
    const seventh = await context.newPage()
    let isThere = false
    const loading = seventh.goto(`/r/${room}`).then(() => isThere = true)
    await pause(3_000)
    expect(isThere).toBe(false)
    await tabs[0]!.close()
    await loading
    await isLive(seventh)
    await context.close()
  })
})

describe('a proxy that collects streams', () => {
  test('gives a reader not even the headers, although the server has sent them', async () => {
    const proxy = await proxied('nginx', collecting)
    const as = await createUser(server)
    let isThere = false
    const stream = openStream(proxy, `room=${unique('held')}`, { as, headers: { 'accept-encoding': 'gzip' } }).finally(() => isThere = true)
    await pause(3_000)
    expect(isThere).toBe(false)
    await Promise.all([expect(stream).rejects.toThrow('socket hang up'), proxy.stop()])
  })

  test('[FLAG-1] and keeps WebSockets out leaves polling, which the page finds by itself', async () => {
    const proxy = await proxied('nginx', config => withoutWebSockets(collecting(config)))
    const ann = await openTab(await guest(proxy, 'Ann'), `/r/${unique('found')}`)
    await ann.getByRole('button', { name: LIVE.polling, exact: true }).waitFor({ timeout: 15_000 })
    await write(ann, 'all the same')
    await messages(ann, 'all the same').waitFor()
    await ann.context().close()
  })

  test('[FLAG-1] where only WebSockets are kept out, the page is on SSE within 5 s', async () => {
    const proxy = await proxied('nginx', withoutWebSockets)
    const ann = await openTab(await guest(proxy, 'Ann'), `/r/${unique('blocked')}`)
    await ann.getByRole('button', { name: LIVE.sse, exact: true }).waitFor({ timeout: 5_000 })
    await ann.context().close()
  })
})
