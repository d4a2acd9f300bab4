import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { EntryFrame } from '#shared/protocol/frames'

/** A message of ours the log has not shown yet (A7). */
export interface PendingMessage {
  client_msg_id: string
  room: string
  userId: string
  text: string
  in_reply_to?: string
  timestamp: string
  state: 'sending' | 'sent' | 'failed'
  /** Where the server stored it, once it said so. */
  seq?: number
  /** Why it failed, in words. */
  error?: string
}

/** How many messages may wait in one tab. */
export const OUTBOX_MAX = 100

/** What was written and is not in the log yet, in the order it was written. */
export const useOutboxStore = defineStore('outbox', () => {
  const pending = shallowRef<readonly PendingMessage[]>([])

  function change(id: string, next: Partial<PendingMessage>) {
    pending.value = pending.value.map(item => item.client_msg_id === id ? { ...item, ...next } : item)
  }

  /** A message was written. Returns false, and takes nothing, when too many wait already. */
  function added(message: PendingMessage): boolean {
    if (pending.value.length >= OUTBOX_MAX) return false
    pending.value = [...pending.value, message]
    return true
  }

  /** The server stored it at `seq`; `last` is the newest entry shown of that room. */
  function acked(id: string, seq: number, last: number) {
    if (seq <= last) removed(id)
    else change(id, { state: 'sent', seq, error: undefined })
  }

  function failed(id: string, error: string) {
    change(id, { state: 'failed', error })
  }

  function retried(id: string) {
    change(id, { state: 'sending', error: undefined })
  }

  function removed(id: string) {
    pending.value = pending.value.filter(item => item.client_msg_id !== id)
  }

  /** The log moved on: what it shows now is pending no more. */
  function settled(room: string, userId: string | undefined, entries: readonly EntryFrame[], last: number) {
    const shown = new Set<string>()
    for (const entry of entries) {
      if ((entry.type === 'message.new' || entry.type === 'message.replay') && entry.userId === userId && entry.client_msg_id) shown.add(entry.client_msg_id)
    }
    const left = pending.value.filter(item => item.room !== room || !(shown.has(item.client_msg_id) || (item.seq !== undefined && item.seq <= last)))
    if (left.length !== pending.value.length) pending.value = left
  }

  /** What an earlier page of this tab left behind. Other people's messages, after a change of name or account, are dropped. */
  function restored(messages: readonly PendingMessage[], userId: string) {
    const known = new Set(pending.value.map(item => item.client_msg_id))
    const mine = messages.filter(item => item.userId === userId && !known.has(item.client_msg_id))
    pending.value = [...mine.map(item => item.state === 'sent' ? { ...item, state: 'sending' as const, seq: undefined } : item), ...pending.value].slice(0, OUTBOX_MAX)
  }

  return { pending, added, acked, failed, retried, removed, settled, restored }
})
