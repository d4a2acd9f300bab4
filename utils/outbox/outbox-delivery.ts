import type { ChatConnection } from '../connection/chat-connection'
import type { ChatError } from '../connection/chat-error'
import type { Exclusive } from '../app/exclusive'
import type { OutboxItem } from './outbox-item'
import { failed, itemAcked, itemFrame, itemRefused } from './outbox-steps'

type Step = (item: OutboxItem) => OutboxItem | undefined

export interface DeliveryOptions {
  request: ChatConnection['request']
  /** Lets one tab at a time send what waits. */
  exclusive: Exclusive
  /** The name of the lock for a room. */
  lockOf: (room: string) => string
  /** Whether the room's frames are live, for the user whose wishes these are. */
  isReady: (room: string) => boolean
  /** The item of a room that is sent next. */
  first: (room: string) => OutboxItem | undefined
  /** The newest entry applied in a room. */
  last: (room: string) => number
  /** Changes an item here and in the storage. */
  change: (id: string, next: Step) => void
  /** Reads an item as it stands in all tabs, marked as offered; nothing when there is no more to send of it. */
  take: (item: OutboxItem) => Promise<{ sent: OutboxItem, wasOffered: boolean } | undefined>
  /** Told when the server will not do what an item asks for. */
  onRefused: (item: OutboxItem, error: Pick<ChatError, 'code' | 'message'>) => void
  /** How often an item that is refused for now is tried while connected. */
  tries: number
}

export interface Delivery {
  /** Sends what waits in a room, one after the other. */
  pump: (room: string) => void
  /** Sends what has nothing before it: no lock and no storage stands in its way. */
  sendFresh: (item: OutboxItem) => Promise<void>
  /** Whether something of a room is on its way. */
  isBusy: (room: string) => boolean
  stop: () => void
}

/** Hands the queue of each room to the connection, item by item: the next one waits for the answer, so that a refusal reorders nothing. */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { request, exclusive, lockOf, isReady, first, last, change, take, onRefused, tries } = options
  const busy = new Set<string>()
  const pauses = new Set<ReturnType<typeof setTimeout>>()

  async function drain(room: string) {
    let tried = 0
    for (let next = first(room); next && isReady(room); next = first(room)) {
      tried = await deliver(next) ? 0 : tried + 1
      if (tried >= tries) change(next.client_msg_id, item => failed(item, 'The server did not take it.'))
    }
  }

  /**
   * Hands an item to the connection.
   *
   * @returns whether it moved on, one way or the other
   */
  async function deliver(item: OutboxItem, isFresh = false): Promise<boolean> {
    const { client_msg_id: id, room } = item
    const taken = isFresh ? { sent: item, wasOffered: false } : await take(item)
    if (!taken) return true
    const { sent, wasOffered } = taken
    try {
      const ack = await request(itemFrame(sent))
      change(id, (current) => {
        const after = itemAcked(current, sent, ack)
        return after?.state === 'sent' && (after.seq ?? 0) <= last(room) ? undefined : after
      })
      return true
    } catch (reason) {
      const error = reason as ChatError
      if (!error.retryable) {
        change(id, current => itemRefused(current, sent, wasOffered, error))
        onRefused(sent, error)
        return true
      }
      if (isReady(room)) await pause(error.retryAfterMs ?? 1_000)
      return false
    }
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

  function pump(room: string) {
    if (busy.has(room) || !isReady(room) || !first(room)) return
    busy.add(room)
    void exclusive(lockOf(room), async () => {
      try {
        await drain(room)
      } finally {
        // Within the lock: what is written from here on asks for it again.
        busy.delete(room)
      }
    }).then(() => pump(room))
  }

  return {
    pump,
    async sendFresh(item) {
      busy.add(item.room)
      await deliver(item, true)
      busy.delete(item.room)
      pump(item.room)
    },
    isBusy: room => busy.has(room),
    stop: () => pauses.forEach(clearTimeout),
  }
}
