import { onScopeDispose } from 'vue'
import type { ErrorCode } from '#shared/protocol/errors'
import type { EntryFrame } from '#shared/protocol/frames'
import { timeOrderedId } from '#shared/time-ordered-id'
import type { useOutboxStore } from '../../stores/outbox'
import { OUTBOX_MAX } from '../../stores/outbox'
import type { Exclusive } from '../../utils/app/exclusive'
import { folded, takesPlaceOf } from '../../utils/outbox/outbox-change'
import type { DeliveryOptions } from '../../utils/outbox/outbox-delivery'
import { createDelivery } from '../../utils/outbox/outbox-delivery'
import type { ChangeWish, OutboxItem, PendingMessage } from '../../utils/outbox/outbox-item'
import { seen, withText } from '../../utils/outbox/outbox-message'
import { failed, growsOld, isUnsentText, takenBack } from '../../utils/outbox/outbox-steps'
import type { OutboxStorage } from '../../utils/outbox/outbox-storage'
import { serverNow } from '../../utils/connection/server-clock'
import type { RoomMessage } from '../../utils/room/room-view'
import type { TabChannel } from '../../utils/app/tab-channel'
import type { ChatConnection } from '../../utils/connection/chat-connection'

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
  /** Told when the server will not do what was wished. What can be tried again or written anew stays in the queue as failed. */
  onRefused?: DeliveryOptions['onRefused']
  /** How often a message that is refused for now is tried while connected. @default 8 */
  tries?: number
  /** The clock, in milliseconds. @default the server's, as far as it is known */
  now?: () => number
}

/** What a person wishes, before it has a place in the queue. */
type Wish = ChangeWish | Pick<PendingMessage, 'kind' | 'room' | 'userId' | 'text' | 'in_reply_to'>

export interface UseOutboxReturn {
  /** Shows a message at once and sends it as soon as possible, after those written before it. False when too many wait. */
  write: (message: { room: string, userId: string, text: string, in_reply_to?: string }) => boolean
  /**
   * Edits, deletes or reacts to a message of the log: shown at once, sent after what was written before it. It takes the
   * place of an earlier wish that waits, where only the last counts. False when too many wait.
   */
  ask: (wish: ChangeWish) => boolean
  /** Keeps what is known to be of no use any more, such as an edit of a message that was deleted, as refused. */
  refuse: (wish: ChangeWish, code: ErrorCode) => boolean
  /** Changes a message that waits or failed. False when nothing waits under this id. */
  edit: (id: string, text: string) => boolean
  /** Tries again what failed. */
  retry: (id: string) => void
  /** Takes back a message, or forgets a change that failed. */
  discard: (id: string) => void
  /** Sends what waits in a room, one after the other. Call it whenever the room becomes ready. */
  pump: (room: string) => void
  /** Takes over what a user has waiting, and puts aside what another had. */
  open: (userId: string | undefined) => void
  /** Takes out of somebody's queue what they wrote and the log may not have, oldest first. */
  release: (userId: string) => Promise<{ room: string, text: string }[]>
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
  const { socket, store, storage, tabs, exclusive, isReady, last, find, onRefused = () => undefined, tries = 8, now = serverNow } = options
  let user: string | undefined
  let isLoaded = false
  let changes = 0
  let loading: Promise<void> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined

  const get = (id: string) => store.pending.find(item => item.client_msg_id === id)
  const first = (room: string) => store.pending.find(item => item.room === room && item.state === 'sending')
  const at = (ms: number) => new Date(ms).toISOString()
  /** What failed is written again now. */
  const renewed = <T extends OutboxItem>(item: T): T => item.state === 'failed' ? { ...item, timestamp: at(now()) } : item
  const delivery = createDelivery({
    request: frame => socket.request(frame), exclusive, last, first, take, change, onRefused, tries,
    lockOf: room => `lastra:outbox:${user}:${room}`,
    isReady: room => isLoaded && isReady(room),
  })

  function announce() {
    if (user) tabs.post({ type: 'outbox', userId: user })
  }

  /** Follows with the storage. What it does not take stays in this tab. */
  function keep(work: Promise<unknown>) {
    changes++
    void work.then(announce, () => undefined)
  }

  /** Changes a message here at once and in the storage soon, where another tab may have changed it, too. */
  function change(id: string, next: (message: OutboxItem) => OutboxItem | undefined) {
    const item = get(id)
    if (item) store.changed(id, next(item))
    keep(storage.change(id, next))
  }

  /** Like {@link change}, for a wish that must not be lost when another tab has just settled the message. */
  function amend(item: OutboxItem, next: (message: OutboxItem) => OutboxItem | undefined) {
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
    delivery.pump(item.room)
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

  function adopt(items: readonly OutboxItem[]) {
    const known = new Set(items.map(item => item.client_msg_id))
    // Settled by another tab, and on its way to the log of this one.
    const arriving = store.pending.filter(item => item.state === 'sent' && !known.has(item.client_msg_id) && item.userId === user)
    store.replaced([...arriving, ...items])
    for (const item of items) {
      const message = item.kind !== 'message' || item.logged ? undefined : find(item.room, item.client_msg_id)
      if (message) change(item.client_msg_id, current => current.kind === 'message' ? seen(current, message) : current)
    }
  }

  /** Reads a message as it stands in all tabs, and marks it as offered before it is. */
  async function take(item: OutboxItem): Promise<{ sent: OutboxItem, wasOffered: boolean } | undefined> {
    const id = item.client_msg_id
    let wasOffered = item.offered ?? false
    let sent: OutboxItem | undefined
    try {
      sent = await storage.change(id, (message) => {
        wasOffered = message.offered ?? false
        const isOld = growsOld(message) && message.timestamp < at(now() - KEPT_MS)
        if (isOld) return message.kind === 'message' && message.deleted ? undefined : failed(message, 'It waited for more than a week.')
        return message.state === 'sending' ? { ...message, offered: true } : message
      })
    } catch {
      sent = { ...item, offered: true }
    }
    store.changed(id, sent)
    return sent?.state === 'sending' ? { sent, wasOffered } : undefined
  }

  function pumpAll() {
    for (const room of new Set(store.pending.map(item => item.room))) delivery.pump(room)
  }

  /** Puts a wish at the end. It goes out at once where nothing is before it. */
  function enqueue(wish: Wish, fate: Pick<OutboxItem, 'state' | 'code'> = { state: 'sending' }): boolean {
    const { room } = wish
    const isNext = fate.state === 'sending' && isLoaded && isReady(room) && !delivery.isBusy(room) && !first(room)
    const item: OutboxItem = { ...wish, client_msg_id: timeOrderedId(now()), timestamp: at(now()), ...fate, ...(isNext && { offered: true }) }
    if (!store.added(item)) return false
    if (isNext) void delivery.sendFresh(item)
    keep(storage.add(item))
    if (!isNext) delivery.pump(room)
    return true
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
    delivery.stop()
  })

  return {
    write: message => enqueue({ kind: 'message', ...message }),
    ask(wish) {
      const before = store.pending.findLast(item => takesPlaceOf(wish, item))
      if (wish.kind === 'delete') {
        for (const item of store.pending) {
          if (item.kind === 'reaction' && item.messageId === wish.messageId && item.state === 'sending') change(item.client_msg_id, current => current.offered ? current : undefined)
        }
      }
      if (!before) return enqueue(wish)
      amend(before, current => current.kind === 'message' ? current : folded(current, wish))
      return true
    },
    refuse: (wish, code) => enqueue(wish, { state: 'failed', code }),
    edit(id, text) {
      const item = get(id)
      if (item?.kind !== 'message') return false
      amend(item, current => current.kind === 'message' ? withText(renewed(current), text) : current)
      return true
    },
    retry(id) {
      const item = get(id)
      if (item) amend(item, current => ({ ...renewed(current), state: 'sending', error: undefined, code: undefined }))
    },
    discard(id) {
      const item = get(id)
      if (item) amend(item, takenBack)
    },
    pump: delivery.pump,
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
    async release(userId) {
      const written = (await storage.all(userId).catch((): OutboxItem[] => [])).filter(isUnsentText)
      for (const { client_msg_id } of written) await storage.change(client_msg_id, () => undefined).catch(() => undefined)
      return written.map(({ room, text }) => ({ room, text }))
    },
    applied(room, entries, until) {
      for (const entry of entries) {
        if ((entry.type !== 'message.new' && entry.type !== 'message.replay') || entry.userId !== user || !entry.client_msg_id) continue
        if (get(entry.client_msg_id)) change(entry.client_msg_id, item => item.kind === 'message' ? seen(item, entry) : item)
      }
      for (const item of store.pending) {
        if (item.room === room && item.state === 'sent' && item.seq !== undefined && item.seq <= until) change(item.client_msg_id, message => message.state === 'sent' ? undefined : message)
      }
    },
  }
}
