import type { ClientFrame } from '#shared/protocol/frames'
import type { ChatError } from '../connection/chat-error'
import { changeAcked, changeFrame, changeRefused } from './outbox-change'
import type { OutboxItem } from './outbox-item'
import { acked, frameFor, turnedDown, withdrawn } from './outbox-message'
import type { Ack } from '../connection/requests'

/** The frame that brings an item of the queue one step on. */
export function itemFrame(item: OutboxItem): ClientFrame {
  return item.kind === 'message' ? frameFor(item) : changeFrame(item)
}

/** The server did what a frame asked for. Returns nothing when that was all. */
export function itemAcked(item: OutboxItem, sent: OutboxItem, ack: Ack): OutboxItem | undefined {
  if (item.kind === 'message') return sent.kind === 'message' ? acked(item, sent, ack) : item
  return sent.kind === 'message' ? item : changeAcked(item, sent, ack)
}

/** The server will not do what a frame asked for. Returns nothing when nothing is left of it. */
export function itemRefused(item: OutboxItem, sent: OutboxItem, wasOffered: boolean, error: Pick<ChatError, 'code' | 'message'>): OutboxItem | undefined {
  if (item.kind === 'message') return sent.kind === 'message' ? turnedDown(item, sent, wasOffered, error.message) : item
  return sent.kind === 'message' ? item : changeRefused(item, sent, wasOffered, error)
}

/** An item failed, for a reason in words. */
export function failed(item: OutboxItem, error: string): OutboxItem {
  return { ...item, state: 'failed', error }
}

/** A person takes an item back. Returns nothing when that is all. */
export function takenBack(item: OutboxItem): OutboxItem | undefined {
  return item.kind === 'message' ? withdrawn(item) : undefined
}

/** Whether an item holds words of a person that the log may not have. */
export function isUnsentText(item: OutboxItem): item is Extract<OutboxItem, { text: string }> {
  if (item.kind !== 'message' && item.kind !== 'edit') return false
  return item.state !== 'sent' && !(item.kind === 'message' && item.deleted)
}

/** Whether it is too late to do what an item asks for unasked: a text speaks of another week, a deletion does not. */
export function growsOld(item: OutboxItem): boolean {
  return item.kind === 'message' || item.kind === 'edit'
}
