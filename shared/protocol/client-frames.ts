import { z } from 'zod'
import { LIMITS } from './limits'
import { attachment, emoji, identifier, mediaState, messageText, peerId, peerKey, personName, roomAddress, sequence, signal, unicode } from './fields'

/** What every client frame may carry: an `id` asks for exactly one reply that names it in `ref` (FRM-3). */
const base = { id: unicode.max(LIMITS.idLength, `must be at most ${LIMITS.idLength} characters`).optional() }

/** One schema per client frame, by `type`. The keys of this table are the protocol's vocabulary. */
export const clientFrameSchemas = {
  'auth': z.object({ ...base, type: z.literal('auth'), token: z.string().max(4096).optional(), userName: personName.optional(), peer_key: peerKey.optional() }),
  'ping': z.object({ ...base, type: z.literal('ping'), t: z.union([z.number(), z.string().max(LIMITS.idLength)]).optional() }),
  'join': z.object({
    ...base,
    type: z.literal('join'),
    room: roomAddress,
    from_seq: sequence.optional(),
    epoch: identifier.optional(),
    limit: z.number().int('must be a whole number').min(1, 'must be at least 1').max(LIMITS.joinMessagesMax, `must be at most ${LIMITS.joinMessagesMax}`).optional(),
  }),
  'leave': z.object({ ...base, type: z.literal('leave'), room: roomAddress }),
  'chat': z.object({
    ...base,
    type: z.literal('chat'),
    room: roomAddress,
    text: messageText,
    client_msg_id: identifier,
    thread_id: identifier.optional(),
    in_reply_to: identifier.optional(),
    attachments: z.array(attachment).max(LIMITS.attachments).optional(),
  }),
  'edit': z.object({ ...base, type: z.literal('edit'), room: roomAddress, messageId: identifier, text: messageText }),
  'delete': z.object({ ...base, type: z.literal('delete'), room: roomAddress, messageId: identifier }),
  'react': z.object({ ...base, type: z.literal('react'), room: roomAddress, messageId: identifier, emoji, op: z.enum(['add', 'remove']) }),
  'clear': z.object({ ...base, type: z.literal('clear'), room: roomAddress }),
  'room-update': z.object({ ...base, type: z.literal('room-update'), room: roomAddress, title: personName.optional(), locked: z.boolean().optional(), listed: z.boolean().optional() }),
  'member-update': z.object({ ...base, type: z.literal('member-update'), room: roomAddress, userId: identifier, role: z.enum(['host', 'member']).optional(), muted: z.boolean().optional(), removed: z.boolean().optional() }),
  'bot-toggle': z.object({ ...base, type: z.literal('bot-toggle'), room: roomAddress, bot: identifier, enabled: z.boolean() }),
  'ai-request': z.object({ ...base, type: z.literal('ai-request'), room: roomAddress, bot: identifier, prompt: messageText.optional(), in_reply_to: identifier.optional() }),
  'ai-cancel': z.object({ ...base, type: z.literal('ai-cancel'), room: roomAddress, stream_id: identifier }),
  'presence': z.object({ ...base, type: z.literal('presence'), status: z.enum(['online', 'away', 'dnd']) }),
  'typing': z.object({ ...base, type: z.literal('typing'), room: roomAddress, active: z.boolean() }),
  'webrtc-signal': z.object({ ...base, type: z.literal('webrtc-signal'), room: roomAddress, to: peerId, signal }),
  'knock': z.object({ ...base, type: z.literal('knock'), room: roomAddress }),
  'knock-answer': z.object({ ...base, type: z.literal('knock-answer'), room: roomAddress, userId: identifier, admit: z.boolean() }),
  'media-state': z.object({ ...base, type: z.literal('media-state'), room: roomAddress, ...mediaState.shape, enter: z.boolean().optional() }),
  'media-control': z.object({
    ...base,
    type: z.literal('media-control'),
    room: roomAddress,
    userId: identifier,
    peer_id: peerId.optional(),
    mic: z.literal(false).optional(),
    hand: z.literal(false).optional(),
  }),
} as const

export type ClientFrameType = keyof typeof clientFrameSchemas
export type ClientFrameOf<T extends ClientFrameType> = z.infer<typeof clientFrameSchemas[T]>
export type ClientFrame = { [T in ClientFrameType]: ClientFrameOf<T> }[ClientFrameType]
