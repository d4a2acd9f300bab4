import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startBrowser } from '../support/browser'
import { connect } from '../support/client'
import { startFaultProxy } from '../support/fault-proxy'
import type { FaultProxy } from '../support/fault-proxy'
import { startServer } from '../support/server'
import type { TestServer } from '../support/server'
import { createUser, unique } from '../support/session'
import { waitFor } from '../support/wait'

/** An entry as the page's samples hand it on. */
interface Entry {
  type: string
  seq: number
  content?: { text: string }
}

interface Sample {
  connect: (options: {
    url: string
    token: string
    room: string
    onEntry: (entry: Entry) => void
    onReset: () => void
    onStatus: (status: string, code?: number) => void
  }) => { say: (text: string) => Promise<{ seq: number }> }
}

/** The blocks of docs/migration.md that name a file. */
const samples = new Map<string, string>()
let folder: string
let server: TestServer

beforeAll(async () => {
  const page = await readFile(new URL('../../docs/migration.md', import.meta.url), 'utf8')
  folder = await mkdtemp(join(tmpdir(), 'lastra-migration-'))
  for (const [, name, code] of page.matchAll(/^```js file=(\S+)\n(.*?)^```$/gms)) {
    samples.set(name!, code!)
    await writeFile(join(folder, name!), code!)
  }
  // Node 20 has none of its own.
  vi.stubGlobal('WebSocket', WebSocket)
  server = await startServer({ env: { NUXT_DRAIN_MS: '500' } })
})
afterAll(async () => {
  vi.unstubAllGlobals()
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Somebody who uses a sample of the page. */
async function start(name: string, url: string, room: string) {
  const { connect: open } = await import(/* @vite-ignore */ pathToFileURL(join(folder, name)).href) as Sample
  const { token } = await createUser(server)
  const shown: Entry[] = []
  const statuses: string[] = []
  const { say } = open({
    url, token, room,
    onEntry: entry => shown.push(entry),
    onReset: () => shown.splice(0),
    onStatus: status => statuses.push(status),
  })
  await waitFor(() => statuses.includes('open'))
  return { say, shown, statuses, token, texts: () => shown.map(entry => entry.content?.text) }
}

/** 1, 2, 3 … */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1)
}

test('the page has the samples this file runs', () => {
  expect([...samples.keys()].sort()).toEqual(['event-source.js', 'room-log.mjs', 'sse-chat.mjs', 'websocket-chat.mjs'])
})

describe.each(['websocket-chat.mjs', 'sse-chat.mjs'])('%s of docs/migration.md', (name) => {
  let network: FaultProxy

  beforeAll(async () => {
    network = await startFaultProxy(server)
  })
  afterAll(() => network?.close())

  test('[LOG-4] [RES-7] says and hears each message once, in order', async () => {
    const room = unique('migrated')
    const ann = await start(name, server.url, room)
    const bob = await start(name, server.url, room)
    const acks = await Promise.all(['one', 'two', 'three'].map(text => ann.say(text)))
    expect(acks.map(ack => ack.seq)).toEqual([1, 2, 3])
    for (const one of [ann, bob]) await waitFor(() => one.shown.length === 3)
    expect(bob.texts()).toEqual(['one', 'two', 'three'])
    await expect(ann.say('   ')).rejects.toThrow('text')
  })

  test('[RES-5] [RES-7] comes back from a cut to more than one replay brings, and to what it could not say', async () => {
    const room = unique('cut')
    const ann = await start(name, network.url, room)
    const writer = await connect(server)
    await writer.join(room)
    await ann.say('before')
    await waitFor(() => ann.shown.length === 1)
    network.set({ refuse: true })
    network.reset()
    await waitFor(() => ann.statuses.at(-1) === 'waiting')
    const said = ann.say('while away')
    for (const n of numbers(450)) await writer.chat(room, `missed ${n}`)
    network.heal()
    await said
    await waitFor(() => ann.texts().includes('while away'), { timeout: 25_000 })
    expect(ann.shown.map(entry => entry.seq)).toEqual(numbers(452))
    await writer.close()
  })

  test('[CON-7] [LOG-4] a restart and a kill of the server lose and double nothing', async () => {
    const room = unique('restarted')
    const ann = await start(name, server.url, room)
    await ann.say('before')
    const all = ['before']
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      server.kill(signal)
      const texts = numbers(10).map(n => `${signal} ${n}`)
      all.push(...texts)
      const said = texts.map(text => ann.say(text))
      await server.exited()
      await server.restart()
      await Promise.all(said)
    }
    await waitFor(() => ann.shown.length >= all.length)
    expect(ann.shown.map(entry => entry.seq)).toEqual(numbers(all.length))
    expect(ann.texts().sort()).toEqual(all.sort())
  })
})

test('[SSE-1] event-source.js of docs/migration.md, in a browser, comes back by itself to what it missed', async () => {
  const browser = await startBrowser()
  const room = unique('event-source')
  const { context, page } = await browser.participant(server.url)
  await context.request.post('/api/session', { data: { name: 'Ann' } })
  await page.goto('/api/health')
  await page.evaluate(`{ ${samples.get('event-source.js')}; globalThis.seen = []; openStream('${room}', frame => seen.push(frame.content?.text ?? frame.type)) }`)
  const seen = () => page.evaluate<string[]>('seen')
  await waitFor(async () => (await seen()).includes('replay.end'))
  const before = await connect(server)
  await before.join(room)
  await before.chat(room, 'one')
  await waitFor(async () => (await seen()).includes('one'))
  server.kill('SIGTERM')
  await server.exited()
  await server.restart()
  const after = await connect(server)
  await after.join(room)
  await after.chat(room, 'two')
  await waitFor(async () => (await seen()).includes('two'), { timeout: 20_000, what: 'the second message' })
  const all = await seen()
  expect(all.filter(what => what === 'connection.established')).toHaveLength(2)
  expect(all.filter(what => ['one', 'two', 'connection.closed'].includes(what)), 'what came before is not said again').toEqual(['one', 'connection.closed', 'two'])
  await browser.close()
})
