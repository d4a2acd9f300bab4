import { onScopeDispose } from 'vue'
import type { EntryFrame } from '#shared/protocol/frames'
import { timeOrderedId } from '#shared/time-ordered-id'
import type { useOutboxStore } from '../stores/outbox'
import { OUTBOX_MAX } from '../stores/outbox'
import type { ChatError } from '../utils/chat-error'
import type { Exclusive } from '../utils/exclusive'
import type { PendingMessage } from '../utils/outbox-message'
import { acked, failed, frameFor, seen, turnedDown, withdrawn, withText } from '../utils/outbox-message'
import type { OutboxStorage } from '../utils/outbox-storage'
import type { RoomMessage } from '../utils/room-view'
import type { TabChannel } from '../utils/tab-channel'
import type { ChatConnection } from './useConnectionLifecycle'

export interface UseOutboxOptions {
  socket: Pick<ChatConnection, 'request'>
  store: ReturnType<typeof useOutboxStore>
  /** Where messages wait, shared with the other tabs. */
  storage: OutboxStorage
  tabs: Pick<TabChannel, 'post' | 'on'>
  /** Lets one tab at a time send what waits. */
  exclusive: Exclusive
  /** Whether the room's frames are live, for the user whose messages these are. */
  isReady: (room: string) => boolean
  /** The newest entry applied in a room. */
  last: (room: string) => number
  /** The message the log shows for an id of ours. */
  find: (room: string, id: string) => RoomMessage | undefined
  /** How often a message that is refused for now is tried while connected. @default 8 */
  tries?: number
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
}

export interface UseOutboxReturn {
  /** Shows a message at once and sends it as soon as possible, after those written before it. False when too many wait. */
  write: (message: { room: string, userId: string, text: string, in_reply_to?: string }) => boolean
  /** Changes a message that waits or failed. False when nothing waits under this id. */
  edit: (id: string, text: string) => boolean
  /** Tries a failed message again. */
  retry: (id: string) => void
  /** Takes a message back. */
  discard: (id: string) => void
  /** Sends what waits in a room, one after the other. Call it whenever the room becomes ready. */
  pump: (room: string) => void
  /** Takes over what a user has waiting, and puts aside what another had. */
  open: (userId: string | undefined) => void
  /** The log moved on: what it shows now is pending no more. */
  applied: (room: string, entries: readonly EntryFrame[], last: number) => void
}

/** What waited longer is not sent without asking: it speaks of another week. What others left is kept as long. */
const KEPT_MS = 7 * 24 * 60 * 60_000
/** How long the tab that wrote a message has for itself before the others look after it. */
const GRACE_MS = 1_000

/**
 * Sends messages in the order they were written (A7, A8), by one tab at a time. Each keeps its `client_msg_id` through
 * retries, reconnects, reloads and tabs, so that the server stores it once (LOG-4), and the next one waits for its answer,
 * so that a refusal reorders nothing. What is shown changes at once; the storage follows, and only what may have
 * changed in another tab is read again before it is sent.
 */
export function useOutbox(options: UseOutboxOptions): UseOutboxReturn {
  const { socket, store, storage, tabs, exclusive, isReady, last, find, tries = 8, now = Date.now } = options
  const busy = new Set<string>()
  const pauses = new Set<ReturnType<typeof setTimeout>>()
  let user: string | undefined
  let isLoaded = false
  let changes = 0
  let loading: Promise<void> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined

  const get = (id: string) => store.pending.find(item => item.client_msg_id === id)
  const first = (room: string) => store.pending.find(item => item.room === room && item.state === 'sending')
  const at = (ms: number) => new Date(ms).toISOString()
  /** What failed is written again now. */
  const renewed = (message: PendingMessage) => message.state === 'failed' ? { ...message, timestamp: at(now()) } : message

  function announce() {
    if (user) tabs.post({ type: 'outbox', userId: user })
  }

  /** Follows with the storage. What it does not take stays in this tab. */
  function keep(work: Promise<unknown>) {
    changes++
    void work.then(announce, () => undefined)
  }

  /** Changes a message here at once and in the storage soon, where another tab may have changed it, too. */
  function change(id: string, next: (message: PendingMessage) => PendingMessage | undefined) {
    const item = get(id)
    if (item) store.changed(id, next(item))
    keep(storage.change(id, next))
  }

  /** Like {@link change}, for a wish that must not be lost when another tab has just settled the message. */
  function wish(item: PendingMessage, next: (message: PendingMessage) => PendingMessage | undefined) {
    const id = item.client_msg_id
    let wasThere = false
    store.changed(id, next(item))
    keep(storage.change(id, (message) => {
      wasThere = true
      return next(message)
    }).then(async () => {
      const late = wasThere ? undefined : next({ ...item, offered: true })
      if (late) await storage.add(late)
      return load()
    }))
    pump(item.room)
  }

  async function read() {
    for (let version = -1; user !== undefined && version !== changes;) {
      version = changes
      const items = await storage.all(user)
      // What was read while something changed may be older than what is shown.
      if (version === changes) adopt(items)
    }
  }

  /** Takes over what the storage holds. Where it cannot be read, what this tab holds is all there is. */
  function load(): Promise<void> {
    loading ??= read().catch(() => undefined).finally(() => loading = undefined)
    return loading
  }

  function adopt(items: readonly PendingMessage[]) {
    const known = new Set(items.map(item => item.client_msg_id))
    // Settled by another tab, and on its way to the log of this one.
    const arriving = store.pending.filter(item => item.state === 'sent' && !known.has(item.client_msg_id) && item.userId === user)
    store.replaced([...arriving, ...items])
    for (const { client_msg_id, room, logged } of items) {
      const message = logged ? undefined : find(room, client_msg_id)
      if (message) change(client_msg_id, item => seen(item, message))
    }
  }

  async function drain(room: string) {
    let tried = 0
    for (let next = first(room); next && isReady(room); next = first(room)) {
      tried = await deliver(next) ? 0 : tried + 1
      if (tried >= tries) change(next.client_msg_id, item => failed(item, 'The server did not take it.'))
    }
  }

  /**
   * Hands a message to the connection.
   *
   * @returns whether it moved on, one way or the other
   */
  async function deliver(item: PendingMessage, isFresh = false): Promise<boolean> {
    const { client_msg_id: id, room } = item
    const taken = isFresh ? { sent: item, wasOffered: false } : await take(item)
    if (!taken) return true
    const { sent, wasOffered } = taken
    try {
      const ack = await socket.request(frameFor(sent))
      change(id, (message) => {
        const after = acked(message, sent, ack)
        return after?.state === 'sent' && (after.seq ?? 0) <= last(room) ? undefined : after
      })
      return true
    } catch (reason) {
      const error = reason as ChatError
      if (!error.retryable) {
        change(id, message => turnedDown(message, wasOffered, error.message))
        return true
      }
      if (isReady(room)) await pause(error.retryAfterMs ?? 1_000)
      return false
    }
  }

  /** Reads a message as it stands in all tabs, and marks it as offered before it is. */
  async function take(item: PendingMessage): Promise<{ sent: PendingMessage, wasOffered: boolean } | undefined> {
    const id = item.client_msg_id
    let wasOffered = item.offered ?? false
    let sent: PendingMessage | undefined
    try {
      sent = await storage.change(id, (message) => {
        wasOffered = message.offered ?? false
        if (message.timestamp < at(now() - KEPT_MS)) return message.deleted ? undefined : failed(message, 'It waited for more than a week.')
        return message.state === 'sending' ? { ...message, offered: true } : message
      })
    } catch {
      sent = { ...item, offered: true }
    }
    store.changed(id, sent)
    return sent?.state === 'sending' ? { sent, wasOffered } : undefined
  }

  function pump(room: string) {
    if (busy.has(room) || !isLoaded || !isReady(room) || !first(room)) return
    busy.add(room)
    void exclusive(`lastra:outbox:${user}:${room}`, async () => {
      try {
        await drain(room)
      } finally {
        // Within the lock: what is written from here on asks for it again.
        busy.delete(room)
      }
    }).then(() => pump(room))
  }

  /** Sends what was written with nothing before it: no lock and no storage stands in its way. */
  async function sendFresh(item: PendingMessage) {
    busy.add(item.room)
    await deliver(item, true)
    busy.delete(item.room)
    pump(item.room)
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        pauses.delete(timer)
        resolve()
      }, ms)
      pauses.add(timer)
    })
  }

  function pumpAll() {
    for (const room of new Set(store.pending.map(item => item.room))) pump(room)
  }

  const stop = tabs.on('outbox', async ({ userId }) => {
    if (userId !== user) return
    changes++
    await load()
    clearTimeout(grace)
    if (store.pending.some(item => item.state === 'sending')) grace = setTimeout(pumpAll, GRACE_MS)
  })
  onScopeDispose(() => {
    stop()
    clearTimeout(grace)
    pauses.forEach(clearTimeout)
  })

  return {
    write(message) {
      const { room } = message
      const isNext = isLoaded && isReady(room) && !busy.has(room) && !first(room)
      const item: PendingMessage = { ...message, client_msg_id: timeOrderedId(now()), timestamp: at(now()), state: 'sending', ...(isNext && { offered: true }) }
      if (!store.added(item)) return false
      if (isNext) void sendFresh(item)
      keep(storage.add(item))
      if (!isNext) pump(room)
      return true
    },
    edit(id, text) {
      const item = get(id)
      if (item) wish(item, message => withText(renewed(message), text))
      return item !== undefined
    },
    retry(id) {
      const item = get(id)
      if (item) wish(item, message => withText(renewed(message), message.text))
    },
    discard(id) {
      const item = get(id)
      if (item) wish(item, withdrawn)
    },
    pump,
    open(userId) {
      if (userId === user) return
      user = userId
      changes++
      isLoaded = false
      store.replaced([])
      if (!userId) return
      void load().then(() => {
        if (user !== userId) return
        isLoaded = true
        pumpAll()
      })
      storage.tidy(userId, at(now() - KEPT_MS), OUTBOX_MAX).catch(() => undefined)
    },
    applied(room, entries, until) {
      for (const entry of entries) {
        if ((entry.type !== 'message.new' && entry.type !== 'message.replay') || entry.userId !== user || !entry.client_msg_id) continue
        if (get(entry.client_msg_id)) change(entry.client_msg_id, message => seen(message, entry))
      }
      for (const item of store.pending) {
        if (item.room === room && item.state === 'sent' && item.seq !== undefined && item.seq <= until) change(item.client_msg_id, message => message.state === 'sent' ? undefined : message)
      }
    },
  }
}
