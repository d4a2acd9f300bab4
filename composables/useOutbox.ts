import { nanoid } from 'nanoid'
import { onScopeDispose, watch } from 'vue'
import type { PendingMessage, useOutboxStore } from '../stores/outbox'
import type { ChatError } from '../utils/chat-error'
import type { KeyValue } from '../utils/storage'
import { storedJson } from '../utils/storage'
import type { UseWebSocketChatReturn } from './useWebSocketChat'

export interface UseOutboxOptions {
  socket: Pick<UseWebSocketChatReturn, 'request'>
  store: ReturnType<typeof useOutboxStore>
  /** Where what waits is kept through a reload. */
  storage: KeyValue
  /** Whether the room's frames are live. */
  isReady: (room: string) => boolean
  /** The newest entry applied in a room. */
  last: (room: string) => number
  /** How often a message that is refused for now is tried while connected. @default 8 */
  tries?: number
}

export interface UseOutboxReturn {
  /** Shows a message at once and sends it as soon as possible, after those written before it. False when too many wait. */
  write: (message: { room: string, userId: string, text: string, in_reply_to?: string }) => boolean
  /** Tries a failed message again. */
  retry: (id: string) => void
  /** Gives a message up. */
  discard: (id: string) => void
  /** Sends what waits in a room, one after the other. Call it whenever the room becomes ready. */
  pump: (room: string) => void
  /** Takes over what an earlier page of this tab left. */
  restore: (userId: string) => void
}

const STORAGE_KEY = 'lastra:outbox'

/**
 * Sends messages in the order they were written (A7, A8). Each keeps its `client_msg_id` through retries, reconnects and
 * reloads, so that the server stores it once (LOG-4), and the next one waits for its answer, so that a refusal reorders nothing.
 */
export function useOutbox(options: UseOutboxOptions): UseOutboxReturn {
  const { socket, store, storage, isReady, last, tries = 8 } = options
  const busy = new Set<string>()
  const pauses = new Set<ReturnType<typeof setTimeout>>()

  async function pump(room: string) {
    if (busy.has(room)) return
    busy.add(room)
    try {
      let tried = 0
      for (let next = first(room); next && isReady(room); next = first(room)) {
        tried = await deliver(next) ? 0 : tried + 1
        if (tried >= tries) store.failed(next.client_msg_id, 'The server did not take it.')
      }
    } finally {
      busy.delete(room)
    }
  }

  /** Returns whether the message is settled, one way or the other. */
  async function deliver({ client_msg_id, room, text, in_reply_to }: PendingMessage): Promise<boolean> {
    try {
      const ack = await socket.request({ type: 'chat', room, text, client_msg_id, ...(in_reply_to && { in_reply_to }) })
      store.acked(client_msg_id, ack.seq ?? 0, last(room))
      return true
    } catch (reason) {
      const error = reason as ChatError
      if (!error.retryable) {
        store.failed(client_msg_id, error.message)
        return true
      }
      if (isReady(room)) await pause(error.retryAfterMs ?? 1_000)
      return false
    }
  }

  function first(room: string): PendingMessage | undefined {
    return store.pending.find(item => item.room === room && item.state === 'sending')
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

  watch(() => store.pending, (pending) => {
    if (pending.length > 0) storage.setItem(STORAGE_KEY, JSON.stringify(pending))
    else storage.removeItem(STORAGE_KEY)
  }, { flush: 'sync' })
  onScopeDispose(() => pauses.forEach(clearTimeout))

  return {
    write(message) {
      const added = store.added({ ...message, client_msg_id: nanoid(), timestamp: new Date().toISOString(), state: 'sending' })
      void pump(message.room)
      return added
    },
    retry(id) {
      const item = store.pending.find(other => other.client_msg_id === id)
      store.retried(id)
      if (item) void pump(item.room)
    },
    discard: store.removed,
    pump: room => void pump(room),
    restore: userId => store.restored(storedJson<PendingMessage[]>(storage, STORAGE_KEY, []), userId),
  }
}
