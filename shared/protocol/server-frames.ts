import { z } from 'zod'
import { ANSWER_END_CODES, FINISHES } from './answer-ends'
import { ERROR_CODES, ERROR_REASONS } from './errors'
import { systemLineSchema } from './system-lines'
import { entrySchemas, messageFields } from '../log/entries'
import type { Entry } from '../log/entries'
import { mediaState, transportChoice } from './fields'

const timestamp = z.iso.datetime()
const seq = z.number().int().min(1)
const head = z.number().int().min(0)

export const userSchema = z.object({ id: z.string(), name: z.string(), role: z.enum(['guest', 'member', 'operator', 'agent', 'admin']) })

export const memberSchema = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.enum(['host', 'member', 'bot']),
  status: z.enum(['online', 'away', 'dnd']),
  muted: z.boolean().optional(),
  peers: z.array(z.object({ peer_id: z.string(), media: mediaState.nullable(), silenced: z.literal(true).optional() })),
})

/** A persona as a room sees it; `model` where its engine has one, `avatar` where it is not the letters of its name, `description` what it does, `hand` while it waits to answer the message `in_reply_to` (AI-6). */
const bot = z.object({ id: z.string(), name: z.string(), avatar: z.string().optional(), description: z.string().optional(), enabled: z.boolean(), engine: z.string(), model: z.string().optional(), hand: z.literal(true).optional(), in_reply_to: z.string().optional() })
/** An answer that is being given: its text up to delta `n` (AI-2). */
const stream = z.object({ stream_id: z.string(), bot: z.string(), userId: z.string().optional(), in_reply_to: z.string().optional(), n: z.number().int(), text: z.string(), thinking: z.object({ active: z.boolean(), ms: z.number().int() }).optional() })

/** One schema per server frame, by `type`. Used to infer types and, in tests, to check what the server sends. */
export const serverFrameSchemas = {
  'ack': z.object({
    type: z.literal('ack'),
    ref: z.string(),
    room: z.string().optional(),
    seq: seq.optional(),
    messageId: z.string().optional(),
    client_msg_id: z.string().optional(),
    timestamp: timestamp.optional(),
    duplicate: z.literal(true).optional(),
    stream_id: z.string().optional(),
    place: z.string().optional(),
  }),
  'error': z.object({
    type: z.literal('error'),
    ref: z.string().optional(),
    room: z.string().optional(),
    code: z.enum(ERROR_CODES),
    message: z.string(),
    retryable: z.boolean(),
    retry_after_ms: z.number().int().min(0).optional(),
    reason: z.enum(ERROR_REASONS).optional(),
  }),
  'connection.established': z.object({
    type: z.literal('connection.established'),
    connection_id: z.string(),
    peer_id: z.string(),
    user: userSchema,
    token: z.string().optional(),
    transport: z.enum(['websocket', 'sse', 'polling']),
    heartbeat_ms: z.number().int(),
    from_seq: head.optional(),
    timestamp,
    limits: z.object({
      frame_bytes: z.number(),
      text_bytes: z.number(),
      signal_bytes: z.number(),
      frames_per_s: z.number(),
      chat_per_s: z.number(),
      join_messages: z.number(),
      log_page: z.number(),
    }),
  }),
  'pong': z.object({ type: z.literal('pong'), t: z.union([z.number(), z.string()]).optional() }),
  'server.closing': z.object({ type: z.literal('server.closing'), retry_in_ms: z.number().int().min(0) }),
  'connection.closed': z.object({ type: z.literal('connection.closed'), code: z.number().int(), reason: z.string() }),
  'transport.flag': z.object({ type: z.literal('transport.flag'), transport: transportChoice }),
  'room.state': z.object({
    type: z.literal('room.state'),
    room: z.string(),
    name: z.string(),
    kind: z.string(),
    title: z.string(),
    locked: z.boolean(),
    listed: z.boolean(),
    epoch: z.string(),
    head,
    floor: head,
    members: z.array(memberSchema),
    bots: z.array(bot),
    streams: z.array(stream),
    lines: z.array(systemLineSchema),
    removed: z.array(z.object({ userId: z.string(), name: z.string() })).optional(),
    call: z.object({ started_at: timestamp, elapsed_ms: z.number().int().min(0) }).optional(),
    you: z.object({ role: z.enum(['host', 'member']), can: z.array(z.string()), muted: z.boolean() }),
  }),
  'room.reset': z.object({ type: z.literal('room.reset'), room: z.string(), epoch: z.string(), head }),
  'replay.end': z.object({ type: z.literal('replay.end'), room: z.string(), from_seq: head, lastReplayedSeq: head, totalAvailable: z.number().int().min(0), head }),
  ...entrySchemas,
  'message.replay': z.object({ type: z.literal('message.replay'), ...messageFields }),
  'presence': z.object({ type: z.literal('presence'), room: z.string(), event: z.enum(['join', 'update', 'leave']), member: memberSchema }),
  'room.line': z.object({ type: z.literal('room.line'), room: z.string(), line: systemLineSchema }),
  'knock': z.object({ type: z.literal('knock'), room: z.string(), userId: z.string(), userName: z.string() }),
  'knock.answered': z.object({ type: z.literal('knock.answered'), room: z.string(), admitted: z.boolean(), userId: z.string().optional() }),
  'typing': z.object({ type: z.literal('typing'), room: z.string(), userId: z.string(), userName: z.string(), active: z.boolean() }),
  'ai.start': z.object({ type: z.literal('ai.start'), room: z.string(), stream_id: z.string(), bot: z.string(), userId: z.string(), in_reply_to: z.string().optional() }),
  'ai.delta': z.object({ type: z.literal('ai.delta'), room: z.string(), stream_id: z.string(), n: z.number().int().min(1), from: z.number().int().min(1).optional(), text: z.string(), thought: z.number().int().min(1).optional() }),
  'ai.thinking': z.object({ type: z.literal('ai.thinking'), room: z.string(), stream_id: z.string(), active: z.boolean(), ms: z.number().int().min(0) }),
  'ai.end': z.object({ type: z.literal('ai.end'), room: z.string(), stream_id: z.string(), finish: z.enum(FINISHES), reason: z.enum(ANSWER_END_CODES).optional(), messageId: z.string().optional(), error: z.string().optional() }),
  'ai.hand': z.object({ type: z.literal('ai.hand'), room: z.string(), bot: z.string(), raised: z.boolean(), in_reply_to: z.string().optional() }),
  'media.control': z.object({ type: z.literal('media.control'), room: z.string(), userId: z.string(), userName: z.string(), mic: z.literal(false).optional(), hand: z.literal(false).optional() }),
  'webrtc-signal': z.object({ type: z.literal('webrtc-signal'), room: z.string(), from: z.string(), signal: z.unknown() }),
} as const

export type ServerFrameType = keyof typeof serverFrameSchemas
export type ServerFrameOf<T extends ServerFrameType> = z.infer<typeof serverFrameSchemas[T]>
export type ServerFrame = { [T in ServerFrameType]: ServerFrameOf<T> }[ServerFrameType]

/** A log entry on any path, replayed or live. */
export type EntryFrame = Entry | ServerFrameOf<'message.replay'>
export type Member = z.infer<typeof memberSchema>
export type MediaState = z.infer<typeof mediaState>
export type Bot = z.infer<typeof bot>
export type StreamSnapshot = z.infer<typeof stream>
export type User = z.infer<typeof userSchema>
