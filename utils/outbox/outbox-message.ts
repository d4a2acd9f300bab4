import type { ClientFrame } from '#shared/protocol/frames'
import type { PendingMessage } from './outbox-item'
import type { Ack } from '../connection/requests'
import type { RoomMessage } from '../room/room-view'

/** A message gets a new text, and another chance. */
export function withText(message: PendingMessage, text: string): PendingMessage {
  const isElsewhere = message.offered || message.messageId !== undefined
  return { ...message, text, state: 'sending', error: undefined, ...(isElsewhere && text !== message.text && { edited: true }) }
}

/** A message is taken back. Returns nothing when no trace of it can be anywhere else. */
export function withdrawn(message: PendingMessage): PendingMessage | undefined {
  // What failed with the message in the log is its edit, and that is all there is to forget.
  if (message.logged && message.state === 'failed') return undefined
  if (!message.offered && message.messageId === undefined) return undefined
  return { ...message, deleted: true, state: 'sending', error: undefined }
}

/**
 * The frame that brings a message one step on. One taken back whose fate is unknown is offered again without its
 * text: its `client_msg_id` answers where it is, or is taken for good, so that no late copy of it can be stored (LOG-4).
 */
export function frameFor({ room, text, client_msg_id, in_reply_to, messageId, deleted }: PendingMessage): ClientFrame {
  if (messageId !== undefined) return deleted ? { type: 'delete', room, messageId } : { type: 'edit', room, messageId, text }
  return { type: 'chat', room, text: deleted ? '…' : text, client_msg_id, ...(in_reply_to && { in_reply_to }) }
}

/**
 * The server did what a frame asked for. Returns nothing when that was all.
 *
 * @param message as it stands now: it may have changed since
 * @param sent as it stood when the frame was made
 */
export function acked(message: PendingMessage, sent: PendingMessage, ack: Ack): PendingMessage | undefined {
  if (sent.messageId !== undefined && sent.deleted) return undefined
  const stored = { ...message, messageId: message.messageId ?? ack.messageId, seq: ack.seq, error: undefined, offered: undefined }
  if (message.deleted) return stored.messageId === undefined ? undefined : stored
  // A repeat is answered for what came first, and that may have been the text before an edit.
  const isBehind = message.text !== sent.text || (ack.duplicate && sent.messageId === undefined && message.edited)
  return isBehind ? { ...stored, edited: true, state: 'sending' } : { ...stored, edited: undefined, state: 'sent' }
}

/**
 * The server will not do what a frame asked for.
 *
 * @param wasOffered whether an earlier try of it may have been stored
 */
export function turnedDown(message: PendingMessage, sent: PendingMessage, wasOffered: boolean, error: string): PendingMessage | undefined {
  if (message.deleted) return undefined
  const back = { ...message, offered: wasOffered || undefined }
  // What was refused was another text.
  return message.text === sent.text ? { ...back, state: 'failed', error } : { ...back, state: 'sending' }
}

/** The log shows a message. Returns nothing unless a change of it has to follow. */
export function seen(message: PendingMessage, { messageId, content, deleted }: Pick<RoomMessage, 'messageId' | 'content' | 'deleted'>): PendingMessage | undefined {
  if (deleted) return undefined
  if (message.deleted || (message.edited && message.text !== content.text)) return { ...message, messageId, logged: true }
  return undefined
}

/** Whether a message has to be shown beside the log. */
export function isShown(message: PendingMessage): boolean {
  return !message.deleted && (!message.logged || message.state === 'failed')
}
