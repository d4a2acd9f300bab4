import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { ChatError } from '../utils/connection/chat-error'
import type { OutboxItem } from '../utils/outbox/outbox-item'

/** How many messages and changes of one person may wait in one browser profile. */
export const OUTBOX_MAX = 100

/** What was written or wished and is not in the log yet, in that order. Only the outbox changes it. */
export const useOutboxStore = defineStore('outbox', () => {
  const pending = shallowRef<readonly OutboxItem[]>([])

  /** What the server just refused in this tab, for whoever tells the person. */
  const refused = shallowRef<{ item: OutboxItem, error: Pick<ChatError, 'code' | 'message'> }>()

  /** Something was written or wished. Returns false, and takes nothing, when too many wait already. */
  function added(message: OutboxItem): boolean {
    if (pending.value.length >= OUTBOX_MAX) return false
    pending.value = [...pending.value, message]
    return true
  }

  /** A message changed, or is pending no more. */
  function changed(id: string, next: OutboxItem | undefined) {
    pending.value = pending.value.flatMap(item => item.client_msg_id === id ? next ?? [] : item)
  }

  /** The server will not do what an item asks for. */
  function turnedDown(item: OutboxItem, error: Pick<ChatError, 'code' | 'message'>) {
    refused.value = { item, error }
  }

  /** All of them were read anew. */
  function replaced(messages: readonly OutboxItem[]) {
    pending.value = messages
  }

  return { pending, refused, added, changed, turnedDown, replaced }
})
