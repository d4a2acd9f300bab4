import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { PendingMessage } from '../utils/outbox-message'

/** How many messages of one person may wait in one browser profile. */
export const OUTBOX_MAX = 100

/** What was written and is not in the log yet, in the order it was written. Only the outbox changes it. */
export const useOutboxStore = defineStore('outbox', () => {
  const pending = shallowRef<readonly PendingMessage[]>([])

  /** A message was written. Returns false, and takes nothing, when too many wait already. */
  function added(message: PendingMessage): boolean {
    if (pending.value.length >= OUTBOX_MAX) return false
    pending.value = [...pending.value, message]
    return true
  }

  /** A message changed, or is pending no more. */
  function changed(id: string, next: PendingMessage | undefined) {
    pending.value = pending.value.flatMap(item => item.client_msg_id === id ? next ?? [] : item)
  }

  /** All of them were read anew. */
  function replaced(messages: readonly PendingMessage[]) {
    pending.value = messages
  }

  return { pending, added, changed, replaced }
})
