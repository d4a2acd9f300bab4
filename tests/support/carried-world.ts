import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { effectScope } from 'vue'
import { PollingLines } from '../../server/realtime/transports/polling-lines'
import { PollingTransport } from '../../server/realtime/transports/polling'
import { PostedLines } from '../../server/realtime/transports/posted-lines'
import type { CarriedLine } from '../../server/realtime/transports/bundle'
import type { Connection } from '../../server/realtime/connection'
import { ProtocolError, HTTP_STATUS } from '../../shared/protocol/errors'
import type { ServerFrame } from '../../shared/protocol/frames'
import { createCarriage } from '../../utils/connection/carriage/carriage'
import type { OpenChannel } from '../../utils/connection/carriage/messages'
import type { HeldPlace } from '../../utils/connection/held-place'
import { createCarriedWire } from '../../utils/connection/carried-wire'
import type { Wire, WireEnd } from '../../utils/connection/wire'
import { createTestCore, createTestNodes } from './core'
import { waitFor } from './wait'

/** One tab of the browser, with the one wire it has. */
export interface WorldTab {
  readonly id: string
  /** Every frame that came, in order. */
  readonly frames: ServerFrame[]
  /** How the wire ended, if it did. */
  readonly ends: WireEnd[]
  readonly wire: Wire
  /** The server's end; once the tab was greeted. */
  connection: () => Connection
  /** Whether it holds a request that waits. */
  isReading: () => boolean
  /** Stops, as a browser freezes a page: what is said to it waits, and it says nothing. */
  freeze: () => void
  thaw: () => void
  /** Ends it as a crash does. */
  kill: () => void
}

export interface CarriedWorld {
  open: () => Promise<WorldTab>
  /** How many requests that wait the server holds. */
  held: () => number
  requests: string[]
  core: Awaited<ReturnType<typeof createTestCore>>
  lines: PollingLines
  /** Who the requests are from, from now on. */
  signIn: (name: string) => Promise<void>
  /** Breaks all connections, and refuses new ones until told otherwise. */
  cut: (down: boolean) => void
  dispose: () => Promise<void>
}

/**
 * Several tabs of one browser before a real core over real HTTP: only the channel between the tabs is made here. Before `many` there are
 * two nodes, and requests go to the one and the other in turn.
 */
export async function createCarriedWorld(transport: 'sse' | 'polling', { locks = true, channels = true, place, many = false }: { locks?: boolean, channels?: boolean, place?: HeldPlace, many?: boolean } = {}): Promise<CarriedWorld> {
  const made = many ? await createTestNodes() : undefined
  const core = made?.nodes[0] ?? await createTestCore()
  const lines = new PollingLines(core.realtime)
  const nodes = (made?.nodes ?? [core]).map((node, n) => {
    const polling = n === 0 ? lines : new PollingLines(node.realtime)
    return { core: node, polling, posted: new PostedLines(node.bus, node.realtime, polling) }
  })
  let user = await core.database.addUser('Ann')
  const requests: string[] = []
  const held = new Set<ServerResponse>()
  let down = false

  const server = createServer((request, response) => void answer(request, response).catch((error: unknown) => {
    const code = error instanceof ProtocolError ? error.code : 'internal'
    response.writeHead(HTTP_STATUS[code]).end()
  }))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (down) return void response.destroy()
    const url = new URL(request.url ?? '', 'http://world')
    const route = `${request.method} ${url.pathname}`
    requests.push(route)
    const { core, polling, posted } = nodes[requests.length % nodes.length]!
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk as string
    const gone = new AbortController()
    response.once('close', () => {
      gone.abort()
      held.delete(response)
    })
    switch (route) {
      case 'POST /api/chat/lines': {
        const line = new PollingTransport(transport)
        const connection = core.realtime.open({ transport: line, address: 'here', peerKey: url.searchParams.get('peer_key') ?? '', identity: { user, orgId: 'main', sid: 'one', expiresAt: Number.MAX_SAFE_INTEGER } })
        polling.add(connection, line, user.id)
        return void response.end(JSON.stringify({ connection_id: connection.id }))
      }
      case 'POST /api/chat/lines/read': {
        const { lines: asked, stream_id, wait_ms = 0 } = JSON.parse(text) as { lines: CarriedLine[], stream_id?: string, wait_ms?: number }
        if (stream_id !== undefined) return void response.end(await posted.carry(user.id, stream_id, asked))
        held.add(response)
        return void response.end(await posted.read(user.id, asked, wait_ms, gone.signal))
      }
      case 'GET /api/chat/lines/stream': {
        held.add(response)
        return polling.openStream(user.id, response)
      }
      case 'DELETE /api/chat/poll': {
        await posted.close(user.id, url.searchParams.get('connection_id') ?? '')
        return void response.end('{}')
      }
      default: response.writeHead(404).end()
    }
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  interface Ear { tab: string, name: string, onmessage: BroadcastChannel['onmessage'] }
  const ears = new Set<Ear>()
  const states = new Map<string, 'awake' | 'frozen' | 'dead'>()
  const waiting = new Map<string, (() => void)[]>()
  const goners = new Map<string, (() => void)[]>()
  const isAwake = (tab: string) => states.get(tab) === 'awake'

  function channelOf(tab: string): OpenChannel {
    return (name) => {
      const ear: Ear & ReturnType<OpenChannel> = {
        tab, name, onmessage: null,
        postMessage(message) {
          if (!isAwake(tab)) return
          const data = structuredClone(message) as unknown
          for (const other of ears) {
            if (other === ear || other.name !== name) continue
            const hear = () => states.get(other.tab) !== 'dead' && other.onmessage?.call({} as BroadcastChannel, { data } as MessageEvent)
            setImmediate(() => isAwake(other.tab) ? hear() : waiting.get(other.tab)?.push(hear))
          }
        },
        close: () => void ears.delete(ear),
      }
      ears.add(ear)
      return ear
    }
  }

  const scope = effectScope(true)
  const tabs: WorldTab[] = []
  let count = 0

  async function open(): Promise<WorldTab> {
    const id = `tab${String(++count).padStart(2, '0')}`
    states.set(id, 'awake')
    waiting.set(id, [])
    const thawed = async () => {
      await waitFor(() => states.get(id) !== 'frozen', { timeout: 60_000 })
      if (states.get(id) === 'dead') throw new TypeError('gone')
    }
    const reading = new Set<object>()
    const dead = new AbortController()
    const access = {
      origin,
      peerKey: () => `peer-key-of-${id}-0123456789`,
      async fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}) {
        await thawed()
        const token = {}
        const waits = String(input).endsWith('/stream') || String(init.body).includes('"wait_ms"')
        if (waits) reading.add(token)
        init.signal?.addEventListener('abort', () => reading.delete(token))
        try {
          const response = await fetch(input, { ...init, signal: AbortSignal.any([dead.signal, ...init.signal ? [init.signal] : []]) })
          await thawed()
          return response
        } finally {
          if (!String(input).endsWith('/stream')) reading.delete(token)
        }
      },
    }
    const carriage = createCarriage({
      transport, access, tab: id, channel: channels ? channelOf(id) : undefined, place, now: core.realtime.context.now,
      gone: tab => locks ? new Promise(resolve => states.get(tab) === 'dead' ? resolve() : goners.set(tab, [...goners.get(tab) ?? [], resolve])) : new Promise(() => {}),
    })
    const frames: ServerFrame[] = []
    const ends: WireEnd[] = []
    const wire = createCarriedWire(access, transport, carriage)({ frame: frame => frames.push(frame), closed: (end) => {
      ends.push(end)
      wire.close()
    } })
    const tab: WorldTab = {
      id, frames, ends, wire,
      connection() {
        const greeting = frames[0]
        if (greeting?.type !== 'connection.established') throw new Error(`no greeting: ${JSON.stringify(greeting)}`)
        return nodes.map(node => node.core.realtime.context.registry.find(greeting.connection_id)).find(found => found)!
      },
      isReading: () => reading.size > 0 && isAwake(id),
      freeze: () => void states.set(id, 'frozen'),
      thaw() {
        states.set(id, 'awake')
        for (const hear of waiting.get(id)?.splice(0) ?? []) hear()
      },
      kill() {
        states.set(id, 'dead')
        dead.abort()
        for (const tell of goners.get(id)?.splice(0) ?? []) tell()
      },
    }
    tabs.push(tab)
    await waitFor(() => frames.length > 0 || ends.length > 0, { what: `the greeting of ${id}` })
    return tab
  }

  return {
    open, requests, core, lines,
    held: () => held.size,
    async signIn(name) {
      user = await core.database.addUser(name)
    },
    cut(now) {
      down = now
      if (now) server.closeAllConnections()
    },
    async dispose() {
      for (const tab of tabs) {
        if (states.get(tab.id) === 'frozen') tab.thaw()
        tab.wire.close()
      }
      scope.stop()
      await waitFor(() => held.size === 0).catch(() => undefined)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await (made?.dispose() ?? core.dispose())
    },
  }
}
