import { z } from 'zod'
import { attachment } from '../protocol/fields'

/*
 * The entries of a room's log: what carries `seq` (LOG-1). A new one is a schema here; `reduce.ts` says what it does, and whatever shows or
 * keeps a log does not compile without it.
 */

const timestamp = z.iso.datetime()
const seq = z.number().int().min(1)

const content = z.object({
  text: z.string(),
  type: z.enum(['user', 'assistant', 'system']),
  actor_type: z.enum(['client', 'bot', 'server']),
  format: z.enum(['markdown', 'plain']),
})

const reactions = z.record(z.string(), z.array(z.string()))

/** A message as every path shows it: log, replay, history, search. `deleted` ones have no text (LOG-5). */
export const messageFields = {
  room: z.string(),
  seq,
  messageId: z.string(),
  client_msg_id: z.string().optional(),
  userId: z.string(),
  userName: z.string(),
  content,
  thread_id: z.string().optional(),
  in_reply_to: z.string().optional(),
  attachments: z.array(attachment).optional(),
  timestamp,
  edited: timestamp.optional(),
  deleted: z.literal(true).optional(),
  reactions: reactions.optional(),
  metadata: z.record(z.string(), z.unknown()),
}

const entryBase = { room: z.string(), seq, userId: z.string(), timestamp, replay: z.literal(true).optional() }

/** One schema per entry, by `type`. */
export const entrySchemas = {
  'message.new': z.object({ type: z.literal('message.new'), ...messageFields }),
  'message.edited': z.object({ type: z.literal('message.edited'), ...entryBase, messageId: z.string(), content: content.optional(), deleted: z.literal(true).optional() }),
  'message.deleted': z.object({ type: z.literal('message.deleted'), ...entryBase, messageId: z.string() }),
  'reaction': z.object({ type: z.literal('reaction'), ...entryBase, messageId: z.string(), emoji: z.string(), op: z.enum(['add', 'remove']) }),
  'clear': z.object({ type: z.literal('clear'), ...entryBase, userName: z.string().optional(), floor_seq: z.number().int().min(0) }),
  'bot-toggle': z.object({ type: z.literal('bot-toggle'), ...entryBase, userName: z.string().optional(), bot: z.string(), enabled: z.boolean() }),
  'room.updated': z.object({
    type: z.literal('room.updated'),
    ...entryBase,
    userName: z.string().optional(),
    title: z.string().optional(),
    locked: z.boolean().optional(),
    listed: z.boolean().optional(),
    member: z.object({ userId: z.string(), name: z.string(), role: z.enum(['host', 'member']).optional(), muted: z.boolean().optional(), removed: z.boolean().optional() }).optional(),
  }),
} as const

export type EntryType = keyof typeof entrySchemas
export type EntryOf<T extends EntryType> = z.infer<typeof entrySchemas[T]>
/** A log entry as it is broadcast, before a replay renames it (RES-4). */
export type Entry = { [T in EntryType]: EntryOf<T> }[EntryType]
export type Message = EntryOf<'message.new'>

export const ENTRY_TYPES = Object.keys(entrySchemas) as readonly EntryType[]
