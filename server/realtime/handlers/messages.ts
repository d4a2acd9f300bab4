import { ProtocolError } from '#shared/protocol/errors'
import type { Appended } from '../../log/types'
import type { AckResult, Handler } from '../context'
import { endTyping } from './ephemeral'
import { joinedRoom, may } from './joined'

/** `chat`: appends a message (LOG-4). */
export const chat: Handler<'chat'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  // Nothing takes files yet, so there is none that could be meant (ACC-4).
  if (frame.attachments?.length) throw new ProtocolError('not_found', 'attachments: there is no such file')
  const wait = context.registry.takeChat(sender.user.id, context.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'chat: too many messages', { retryAfterMs: wait })
  const appended = await context.log.append(room.id, {
    type: 'message',
    userId: sender.user.id,
    userName: sender.user.name,
    clientMsgId: frame.client_msg_id,
    content: { text: frame.text, type: 'user', actor_type: 'client', format: 'markdown' },
    threadId: frame.thread_id,
    inReplyTo: frame.in_reply_to,
  }, sender.connection.address)
  endTyping(context, room.id, sender.user.id)
  return toAck(frame.room, appended)
}

/** `edit`: changes a message's text, for its author and moderators (LOG-5). */
export const edit: Handler<'edit'> = async (context, sender, frame) => {
  const joined = joinedRoom(sender, frame.room)
  const wait = context.registry.takeChat(sender.user.id, context.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'edit: too many messages', { retryAfterMs: wait })
  const appended = await context.log.append(joined.room.id, { type: 'edit', userId: sender.user.id, moderator: may(sender, joined, 'edit-any'), messageId: frame.messageId, text: frame.text }, sender.connection.address)
  return toAck(frame.room, appended)
}

/** `delete`: takes a message's text away everywhere, for its author and moderators (LOG-5). */
export const erase: Handler<'delete'> = async (context, sender, frame) => {
  const joined = joinedRoom(sender, frame.room)
  const appended = await context.log.append(joined.room.id, { type: 'delete', userId: sender.user.id, moderator: may(sender, joined, 'delete-any'), messageId: frame.messageId })
  return toAck(frame.room, appended)
}

/** `react`: adds or takes back a reaction (LOG-5). What was so already is acked and not stored again. */
export const react: Handler<'react'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  const appended = await context.log.append(room.id, { type: 'reaction', userId: sender.user.id, messageId: frame.messageId, emoji: frame.emoji, op: frame.op }, sender.connection.address)
  return toAck(frame.room, appended)
}

/** `clear`: raises the room's floor to its head (LOG-6). */
export const clear: Handler<'clear'> = async (context, sender, frame) => {
  const { room } = joinedRoom(sender, frame.room)
  return toAck(frame.room, await context.log.append(room.id, { type: 'clear', userId: sender.user.id, userName: sender.user.name }))
}

/** The `ack` of something appended. */
export function toAck(room: string, appended: Appended): AckResult {
  return {
    room,
    ...(appended.seq !== undefined && { seq: appended.seq }),
    ...(appended.messageId !== undefined && { messageId: appended.messageId }),
    ...(appended.clientMsgId !== undefined && { client_msg_id: appended.clientMsgId }),
    timestamp: appended.timestamp,
    ...(appended.duplicate && { duplicate: true }),
  }
}
