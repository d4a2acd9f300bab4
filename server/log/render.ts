import type { Entry, Message, ServerFrameOf } from '#shared/protocol/frames'
import type { EntryRow, MessageRow } from '../db/schema'
import { fullForm } from './emoji-form'

/** The payload of each entry type but messages, as it is stored. */
interface StoredPayload {
  /** Of who made the entry; older ones lack it. */
  userName?: string
  emoji?: string
  op?: 'add' | 'remove'
  floor_seq?: number
  bot?: string
  enabled?: boolean
  title?: string
  locked?: boolean
  listed?: boolean
  member?: ServerFrameOf<'room.updated'>['member']
}

/**
 * A stored message as clients see it, with its present text. A deleted or cleared one carries `deleted` and no text (LOG-5).
 *
 * @param reactions who reacted, by emoji; leave out where nobody did
 */
export function renderMessage(room: string, row: MessageRow, reactions?: Record<string, string[]>): Message {
  const gone = row.state !== 'live'
  return {
    type: 'message.new',
    room,
    seq: row.seq,
    messageId: row.id,
    ...(row.client_msg_id !== null && { client_msg_id: row.client_msg_id }),
    userId: row.user_id,
    userName: row.user_name,
    content: {
      text: gone ? '' : row.text,
      type: row.content_type as Message['content']['type'],
      actor_type: row.actor_type as Message['content']['actor_type'],
      format: row.format as Message['content']['format'],
    },
    ...(row.thread_id !== null && { thread_id: row.thread_id }),
    ...(row.in_reply_to !== null && { in_reply_to: row.in_reply_to }),
    ...(row.attachments !== null && !gone && { attachments: JSON.parse(row.attachments) as Message['attachments'] }),
    timestamp: row.created_at,
    ...(row.edited_at !== null && !gone && { edited: row.edited_at }),
    ...(gone && { deleted: true as const }),
    ...(reactions && !gone && { reactions }),
    metadata: JSON.parse(row.metadata) as Record<string, unknown>,
  }
}

/** A stored log entry as clients see it. `message` is the message it is about, where it is about one. */
export function renderEntry(room: string, row: EntryRow, message?: Message): Entry {
  const base = { room, seq: row.seq, userId: row.user_id, timestamp: row.created_at }
  const payload = JSON.parse(row.payload) as StoredPayload
  const by = { ...(payload.userName !== undefined && { userName: payload.userName }) }
  const messageId = row.message_id ?? ''
  switch (row.type) {
    case 'message.new':
      if (!message) throw new Error(`[log] entry ${row.seq} has no message`)
      return message
    case 'message.edited':
      return { type: 'message.edited', ...base, messageId, ...(message && !message.deleted ? { content: message.content } : { deleted: true as const }) }
    case 'message.deleted':
      return { type: 'message.deleted', ...base, messageId }
    case 'reaction':
      return { type: 'reaction', ...base, messageId, emoji: fullForm(payload.emoji ?? ''), op: payload.op ?? 'add' }
    case 'clear':
      return { type: 'clear', ...base, ...by, floor_seq: payload.floor_seq ?? 0 }
    case 'bot-toggle':
      return { type: 'bot-toggle', ...base, ...by, bot: payload.bot ?? '', enabled: payload.enabled ?? false }
    case 'room.updated':
      return { type: 'room.updated', ...base, ...payload }
    default:
      throw new Error(`[log] unknown entry type ${row.type}`)
  }
}
