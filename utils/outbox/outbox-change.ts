import type { ClientFrame } from '#shared/protocol/frames'
import type { ChatError } from '../connection/chat-error'
import type { ChangeWish, OutboxItem, PendingChange } from './outbox-item'
import type { Ack } from '../connection/requests'

/** The frame that makes a change. Each may be sent again: what was so already is stored no second time (LOG-5). */
export function changeFrame(item: PendingChange): ClientFrame {
  const { room, messageId } = item
  switch (item.kind) {
    case 'edit': return { type: 'edit', room, messageId, text: item.text }
    case 'delete': return { type: 'delete', room, messageId }
    case 'reaction': return { type: 'react', room, messageId, emoji: item.emoji, op: item.op }
  }
}

/** Whether two changes leave a message the same. */
function isSame(one: PendingChange, other: PendingChange): boolean {
  switch (one.kind) {
    case 'edit': return other.kind === 'edit' && one.text === other.text
    case 'delete': return other.kind === 'delete'
    case 'reaction': return other.kind === 'reaction' && one.op === other.op
  }
}

/** Whether a wish takes the place of one that waits, instead of following it: only the last of them is of any use. */
export function takesPlaceOf(wish: ChangeWish, item: OutboxItem): item is PendingChange {
  if (item.kind === 'message' || item.state !== 'sending' || item.room !== wish.room || item.messageId !== wish.messageId) return false
  if (wish.kind === 'reaction') return item.kind === 'reaction' && item.emoji === wish.emoji
  return item.kind === 'edit' || (item.kind === 'delete' && wish.kind === 'delete')
}

/**
 * A later wish takes the place of a change that waits.
 *
 * @returns nothing where both together change nothing, and no server has heard of the first
 */
export function folded(item: PendingChange, wish: ChangeWish): PendingChange | undefined {
  if (item.kind === 'reaction') {
    if (wish.kind !== 'reaction' || wish.op === item.op) return item
    return item.offered ? { ...item, op: wish.op } : undefined
  }
  if (wish.kind === 'edit' && item.kind === 'edit') return { ...item, text: wish.text }
  if (wish.kind !== 'delete' || item.kind === 'delete') return item
  const { text: _, ...rest } = item
  return { ...rest, kind: 'delete' }
}

/**
 * The server made a change. Returns nothing when the log has it already.
 *
 * @param item as it stands now: another wish may have taken its place since
 * @param sent as it stood when the frame was made
 */
export function changeAcked(item: PendingChange, sent: PendingChange, ack: Ack): PendingChange | undefined {
  if (!isSame(item, sent)) return { ...item, offered: undefined }
  return ack.seq === undefined ? undefined : { ...item, state: 'sent', seq: ack.seq, offered: undefined, error: undefined }
}

/**
 * The server will not make a change. Returns nothing when nothing is left to be said or done about it.
 *
 * @param wasOffered whether an earlier try of it may have been stored
 */
export function changeRefused(item: PendingChange, sent: PendingChange, wasOffered: boolean, error: Pick<ChatError, 'code' | 'message'>): PendingChange | undefined {
  if (!isSame(item, sent)) return { ...item, offered: wasOffered || undefined }
  // What is gone is deleted; and a reaction is told of once, not kept.
  if (item.kind === 'reaction' || (item.kind === 'delete' && error.code === 'not_found')) return undefined
  return { ...item, state: 'failed', error: error.message, code: error.code, offered: undefined }
}
