import { timeOrderedId } from '#shared/time-ordered-id'
import type { NewMessage } from '../db/schema'
import type { AppendMessage } from './types'

/** The row of a message that somebody says now. */
export function messageRow(append: AppendMessage, roomId: string, seq: number, now: string): NewMessage {
  return {
    id: timeOrderedId(Date.parse(now)),
    room_id: roomId,
    seq,
    user_id: append.userId,
    user_name: append.userName,
    client_msg_id: append.clientMsgId ?? null,
    text: append.content.text,
    content_type: append.content.type,
    actor_type: append.content.actor_type,
    format: append.content.format,
    thread_id: append.threadId ?? null,
    in_reply_to: append.inReplyTo ?? null,
    attachments: append.attachments?.length ? JSON.stringify(append.attachments) : null,
    metadata: JSON.stringify(append.metadata ?? {}),
    state: 'live',
    edited_at: null,
    created_at: now,
  }
}

/** What makes a repeated message the same one: its room, its author, and the id their client gave it (LOG-4). */
export function idempotencyKey(roomId: string, userId: string, clientMsgId: string): string {
  return `${roomId}\n${userId}\n${clientMsgId}`
}
