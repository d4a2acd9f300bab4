import { setCookie } from './globals'
import { createPinia, setActivePinia } from 'pinia'
import { effectScope } from 'vue'
import type { ClientFrame, User } from '../../../shared/protocol/frames'
import type { Chat } from '../../../composables/room/useChat'
import { createChat } from '../../../composables/room/useChat'
import { useConnectionStore } from '../../../stores/connection'
import { useOutboxStore } from '../../../stores/outbox'
import { useRoomsStore } from '../../../stores/rooms'
import { useSessionStore } from '../../../stores/session'
import { useTransportStore } from '../../../stores/transport'
import { createApi } from '../../../utils/app/api'
import type { ChatError } from '../../../utils/connection/chat-error'
import { createNetworkSimulation } from '../../../utils/connection/network-simulation'
import type { OutboxStorage } from '../../../utils/outbox/outbox-storage'
import { memoryOutbox } from '../../../utils/outbox/outbox-storage'
import type { KeyValue } from '../../../utils/app/storage'
import type { TransportChoice } from '../../../utils/connection/transport-choice'
import type { FaultProxy } from '../fault-proxy'
import type { ClientHistory } from '../history'
import type { TestUser } from '../session'
import type { FakeTabs } from '../tabs'
import { fakeTabs } from '../tabs'

export interface ChaosClientOptions {
  user: TestUser
  proxy: FaultProxy
  rooms: readonly string[]
  transport: TransportChoice
  log: ClientHistory
  profile: Profile
}

/** What the tabs of one browser share: the messages that wait, a channel, locks. */
export interface Profile { queue: OutboxStorage, tabs: FakeTabs }

/** A browser of its own, for one person. */
export function newProfile(): Profile {
  return { queue: memoryOutbox(), tabs: fakeTabs() }
}

type Stores = { rooms: ReturnType<typeof useRoomsStore>, outbox: ReturnType<typeof useOutboxStore>, connection: ReturnType<typeof useConnectionStore>, transport: ReturnType<typeof useTransportStore> }

/** The product's own client in Node: what a tab runs below its components, with a browser's storage and cookies. */
export class ChaosClient {
  /** How often it moved from one transport to another while it ran, over all its tabs. */
  switches = 0
  /** How many frames came over each transport, over all tabs that were closed. */
  readonly carried = { websocket: 0, sse: 0, polling: 0 }
  /** How often something was missing and fetched from the log, over all tabs that were closed. */
  gaps = 0
  private readonly settings = new Map<string, string>()
  private readonly peerKey: string
  private tab?: { chat: Chat, stores: Stores, close: () => void }

  constructor(private readonly options: ChaosClientOptions) {
    const { user, proxy, transport } = options
    setCookie(proxy, user.cookie)
    this.peerKey = `chaos-peer-${proxy.port}-${user.id}`
    this.settings.set('lastra:transport', transport)
    this.open()
  }

  get name(): string {
    return this.options.log.name
  }

  get status(): string {
    return this.tab?.stores.connection.status ?? 'closed'
  }

  get transport(): string | undefined {
    return this.tab?.stores.connection.transport
  }

  /** What its connection went through of late. */
  get story(): string {
    return this.tab?.stores.connection.history.slice(-12).map(event => JSON.stringify({ ...event, at: new Date(event.at).toISOString().slice(17, 23) })).join(' ') ?? ''
  }

  /** Messages written and not yet in the log, as the person sees them. */
  get pending(): readonly { client_msg_id: string, state: string }[] {
    return this.tab?.stores.outbox.pending ?? []
  }

  /** The newest entry shown of a room. */
  last(room: string): number | undefined {
    const view = this.tab?.stores.rooms.view(room)
    return view?.phase === 'joined' ? view.last : undefined
  }

  /** Writes a message. False when too many wait. */
  say(room: string, text: string): boolean {
    return this.tab?.chat.outbox.write({ room, userId: this.options.user.id, text }) ?? false
  }

  /** Does something to the newest message that is shown, and does not wait for what becomes of it. */
  touch(room: string, what: 'react' | 'edit' | 'delete'): void {
    const messages = this.tab?.stores.rooms.view(room)?.messages.filter(message => !message.deleted) ?? []
    const messageId = messages.findLast(message => what === 'react' || message.userId === this.options.user.id)?.messageId
    if (messageId === undefined) return
    if (what === 'react') this.ask({ type: 'react', room, messageId, emoji: '👍', op: 'add' })
    else if (what === 'edit') this.ask({ type: 'edit', room, messageId, text: `edited by ${this.name}` })
    else this.ask({ type: 'delete', room, messageId })
  }

  /** Clears a room, where this one may. */
  clear(room: string): void {
    this.ask({ type: 'clear', room })
  }

  /** A tester's choice: a live switch. */
  switchTo(transport: TransportChoice): void {
    this.tab?.chat.transport.setTester(transport)
  }

  /** Leaves a room and enters it again. */
  reenter(room: string): void {
    this.tab?.chat.exit(room)
    this.tab?.chat.enter(room)
  }

  /** The tab is thrown away and opened again: the storage is all that stays. */
  reload(): void {
    this.close()
    this.open()
  }

  /** All is quiet: notes what stands there. */
  end(): void {
    for (const room of this.options.rooms) {
      const view = this.tab?.stores.rooms.view(room)
      const messages = view?.messages.map(({ seq, messageId, content }) => ({ seq, messageId, text: content.text })) ?? []
      this.options.log.ended(room, { last: view?.last ?? 0, messages })
    }
  }

  /** Closes the tab. */
  close(): void {
    this.tab?.close()
    this.tab = undefined
  }

  private open(): void {
    const { proxy, rooms, profile, user: { id, name, role } } = this.options
    const { channel, exclusive, openChannel, close } = profile.tabs.open()
    const scope = effectScope(true)
    setActivePinia(createPinia())
    const stores = { rooms: useRoomsStore(), outbox: useOutboxStore(), connection: useConnectionStore(), transport: useTransportStore() }
    const count = (counters: ReturnType<Stores['transport']['snapshot']>) => this.count(counters)
    let closed = false
    const isGone = () => closed
    // A page knows from the start who looks at it.
    useSessionStore().signedIn({ id, name, role: role as User['role'] })
    const chat: Chat = scope.run(() => createChat({
      api: createApi((path, options) => request(`${proxy.url}${path}`, options)),
      origin: proxy.url,
      peerKey: async () => this.peerKey,
      storage: queueOf(profile.queue, isGone),
      tabs: channel,
      exclusive,
      together: { channel: openChannel },
      settings: storageOf(this.settings, isGone),
      simulation: createNetworkSimulation(),
    }))!
    this.tab = {
      chat,
      stores,
      close() {
        closed = true
        count(stores.transport.snapshot())
        close()
        scope.stop()
      },
    }
    this.record(chat, stores, isGone)
    for (const room of rooms) chat.enter(room)
  }

  /** Notes in the history what this tab sends and shows, until it is gone. */
  private record(chat: Chat, stores: Stores, isGone: () => boolean): void {
    const { log } = this.options
    stores.rooms.$onAction(({ name, args }) => {
      if (isGone()) return
      if (name === 'snapshot') log.snapshot(...args)
      if (name === 'applied') log.applied(...args)
      if (name === 'floorMoved') log.floor(...args)
    })
    stores.outbox.$onAction(({ name, args, after }) => {
      if (name !== 'added') return
      const [message] = args
      if (message.kind === 'message') after(taken => void (taken && log.invoked(message.room, message.client_msg_id, message.text)))
    })
    stores.connection.$onAction(({ name }) => {
      if (name === 'switched') this.switches++
    })
    const { request } = chat.socket
    chat.socket.request = async (frame) => {
      const answer = request(frame)
      if (frame.type !== 'chat') return answer
      try {
        const ack = await answer
        log.acked(frame.client_msg_id, { seq: ack.seq ?? 0, messageId: ack.messageId })
        return ack
      } catch (error) {
        if (!(error as ChatError).retryable) log.failed(frame.client_msg_id)
        throw error
      }
    }
  }

  private count(counters: ReturnType<Stores['transport']['snapshot']>): void {
    for (const name of ['websocket', 'sse', 'polling'] as const) {
      this.carried[name] += counters[name].framesIn
      this.gaps += counters[name].gaps
    }
  }

  private ask(frame: ClientFrame): void {
    this.tab?.chat.socket.request(frame).catch(() => undefined)
  }
}

/** A database answers later, takes what a tab asked for before it went, and nothing of one that is gone. */
function queueOf(queue: OutboxStorage, isGone: () => boolean): OutboxStorage {
  const later = <T>(work: () => Promise<T>): Promise<T> => isGone() ? new Promise<never>(() => {}) : new Promise(resolve => setImmediate(resolve)).then(work)
  return {
    all: userId => later(() => queue.all(userId)),
    add: message => later(() => queue.add(message)),
    change: (id, change) => later(() => queue.change(id, change)),
    tidy: (...args) => later(() => queue.tidy(...args)),
  }
}

function storageOf(map: Map<string, string>, isGone: () => boolean): KeyValue {
  return {
    getItem: key => map.get(key) ?? null,
    setItem: (key, value) => void (isGone() || map.set(key, value)),
    removeItem: key => void (isGone() || map.delete(key)),
  }
}

/** As `$fetch`: parses JSON, and throws on an error status with its body as `data`. */
async function request(url: string, { method = 'GET', body, query = {}, timeout = 0 }: { method?: string, body?: unknown, query?: Record<string, unknown>, timeout?: number } = {}): Promise<unknown> {
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))
  const response = await fetch(`${url}?${search}`, { method, signal: AbortSignal.timeout(timeout), ...body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } })
  const data: unknown = await response.json()
  if (!response.ok) throw Object.assign(new Error(`HTTP ${response.status}`), { data })
  return data
}
