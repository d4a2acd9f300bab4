import { createPinia } from 'pinia'
import { effectScope } from 'vue'
import { useOutbox } from '../../composables/outbox/useOutbox'
import type { ClientFrame, ServerFrameOf } from '../../shared/protocol/frames'
import { useOutboxStore } from '../../stores/outbox'
import { ChatError, refused } from '../../utils/connection/chat-error'
import type { PendingMessage } from '../../utils/outbox/outbox-item'
import type { OutboxStorage } from '../../utils/outbox/outbox-storage'
import { memoryOutbox } from '../../utils/outbox/outbox-storage'
import { createTestCore } from './core'
import type { TestClient, TestCore } from './core'
import { fakeTabs } from './tabs'
import type { FakeTabs } from './tabs'
import { waitFor } from './wait'

/** What becomes of a frame on its way: stored and answered, stored and not answered, or not stored. */
export type Fate = 'answered' | 'unanswered' | 'lost'

/** One tab of Ann's: the product's outbox on the real core. */
export interface OutboxTab {
  outbox: ReturnType<typeof useOutbox>
  store: ReturnType<typeof useOutboxStore>
  /** The fates of the next frames; then all are answered. */
  fates: Fate[]
  sent: ClientFrame[]
  /** Whether a frame without an answer takes the connection with it. */
  frail: boolean
  /** Holds frames on their way until it resolves. */
  gate?: Promise<void>
  online: (isOnline: boolean) => void
  write: (text: string) => PendingMessage
  /** Reads the log as far as it goes, as a joined room does. */
  follow: () => Promise<void>
  close: () => void
}

/** Ann with her browser, and Bob who hears everything, in one room. */
export interface OutboxWorld {
  core: TestCore
  ann: TestClient
  bob: TestClient
  room: string
  /** What the browser keeps; a test may put another in its place before it opens tabs. */
  storage: OutboxStorage
  browser: FakeTabs
  openTab: (options?: { online?: boolean, now?: () => number, user?: TestClient }) => Promise<OutboxTab>
  /** The messages of the room as anyone would read them now. */
  stored: () => Promise<{ id?: string, messageId: string, text: string, deleted: boolean }[]>
  /** Who reacted to a message, by emoji. */
  reactions: (messageId: string) => Promise<Record<string, string[]>>
  /** Puts something into the room's log, whoever may. */
  append: (entry: Parameters<TestCore['log']['append']>[1]) => Promise<unknown>
  texts: () => Promise<string[]>
  /** Every text Bob was ever told. */
  told: () => Promise<(string | undefined)[]>
  /** Waits until nothing is pending in these tabs, nor kept. */
  settled: (...tabs: OutboxTab[]) => Promise<unknown>
  dispose: () => Promise<void>
}

const lost = () => new ChatError({ code: 'unavailable', message: 'lost', retryable: true, retry_after_ms: 1 })

export async function outboxWorld(): Promise<OutboxWorld> {
  const room = 'r'
  const core = await createTestCore()
  const [ann, bob] = [await core.connect('Ann'), await core.connect('Bob')]
  for (const one of [ann, bob]) await one.request({ type: 'join', room })
  const { id: roomId } = await core.database.handle.db.selectFrom('rooms').select('id').where('name', '=', room).executeTakeFirstOrThrow()
  const tabs: OutboxTab[] = []

  async function openTab({ online = true, now, user = ann }: { online?: boolean, now?: () => number, user?: TestClient } = {}): Promise<OutboxTab> {
    const { channel, exclusive, close } = world.browser.open()
    const store = useOutboxStore(createPinia())
    const scope = effectScope(true)
    let isOnline = online
    let last = 0

    async function request(frame: ClientFrame): Promise<ServerFrameOf<'ack'>> {
      const fate = tab.fates.shift() ?? 'answered'
      tab.sent.push(frame)
      await tab.gate
      if (fate !== 'answered' && tab.frail) isOnline = false
      if (fate === 'lost') throw lost()
      core.advance(1_000)
      bob.send({ type: 'ping', t: 0 })
      const reply = await user.request(frame)
      if (fate === 'unanswered') throw lost()
      if (reply.type === 'error') throw refused(reply)
      return reply
    }

    const outbox = scope.run(() => useOutbox({
      socket: { request }, store, storage: world.storage, tabs: channel, exclusive, now,
      isReady: () => isOnline, last: () => last, find: () => undefined, onRefused: store.turnedDown,
    }))!
    const tab: OutboxTab = {
      outbox, store, fates: [], sent: [], frail: true,
      online(value) {
        isOnline = value
        if (value) outbox.pump(room)
      },
      write(text) {
        if (!outbox.write({ room, userId: user.userId, text })) throw new Error('the outbox is full')
        return store.pending.at(-1) as PendingMessage
      },
      async follow() {
        const { entries } = await core.log.since(roomId, last, 500)
        last = entries.at(-1)?.seq ?? last
        outbox.applied(room, entries, last)
      },
      close() {
        isOnline = false
        scope.stop()
        close()
      },
    }
    tabs.push(tab)
    outbox.open(user.userId)
    // What was kept is read before anything is sent.
    await new Promise(resolve => setImmediate(resolve))
    return tab
  }

  async function stored() {
    const { entries } = await core.log.newest(roomId, 256)
    return entries.flatMap(entry => entry.type === 'message.new' ? [{ id: entry.client_msg_id, messageId: entry.messageId, text: entry.content.text, deleted: entry.deleted ?? false }] : [])
  }

  const world: OutboxWorld = {
    core, ann, bob, room, openTab, stored,
    async reactions(messageId) {
      const { entries } = await core.log.newest(roomId, 256)
      const entry = entries.find(entry => entry.type === 'message.new' && entry.messageId === messageId)
      return entry?.type === 'message.new' ? entry.reactions ?? {} : {}
    },
    append: entry => core.log.append(roomId, entry),
    storage: memoryOutbox(),
    browser: fakeTabs(),
    texts: async () => (await stored()).map(({ text, deleted }) => deleted ? '(deleted)' : text),
    async told() {
      await bob.settled()
      return bob.transport.frames.flatMap(frame => frame.type === 'message.new' || frame.type === 'message.edited' ? [frame.content?.text] : [])
    },
    settled: (...all) => waitFor(async () => {
      for (const tab of all) await tab.follow()
      return all.every(tab => tab.store.pending.length === 0) && (await world.storage.all(ann.userId)).length === 0
    }, { what: () => JSON.stringify(all.map(tab => tab.store.pending)), interval: 2 }),
    async dispose() {
      tabs.forEach(tab => tab.close())
      await core.dispose()
    },
  }
  return world
}
