import { z } from 'zod'

/**
 * What one browser profile keeps of a person's wishes until the log shows them. The pages take only the types from here,
 * so that none of them has to load a validator; the tests hold what is stored against the schema.
 */
const base = z.object({
  /** The queue's own name of an item, made once. A message carries it to the server, which stores it once (LOG-4). */
  client_msg_id: z.string(),
  room: z.string(),
  userId: z.string(),
  timestamp: z.string(),
  state: z.enum(['sending', 'sent', 'failed']),
  /** The entry that will show it, once the server said so. */
  seq: z.number().optional(),
  /** Why it failed, in words. */
  error: z.string().optional(),
  /** The same, as the server's code (FRM-4). */
  code: z.string().optional(),
  /** It was handed to a connection: whether the server did it is not known. */
  offered: z.literal(true).optional(),
})

const message = base.extend({
  kind: z.literal('message'),
  text: z.string(),
  in_reply_to: z.string().optional(),
  /** Its text changed after it was offered: should the server have stored it, an `edit` has to follow. */
  edited: z.literal(true).optional(),
  /** It was taken back after that: shown no more, and deleted should the server have stored it. */
  deleted: z.literal(true).optional(),
  /** What the server calls it, from when it is known. */
  messageId: z.string().optional(),
  /** The log shows it already, under its old text. */
  logged: z.literal(true).optional(),
})

const edit = base.extend({ kind: z.literal('edit'), messageId: z.string(), text: z.string() })
const erase = base.extend({ kind: z.literal('delete'), messageId: z.string() })
const reaction = base.extend({ kind: z.literal('reaction'), messageId: z.string(), emoji: z.string(), op: z.enum(['add', 'remove']) })

/** One thing a person wished and the log has not shown yet. */
export const outboxItem = z.discriminatedUnion('kind', [message, edit, erase, reaction])

export type OutboxItem = z.infer<typeof outboxItem>
/** A message of ours the log has not shown yet (A7), or one that still has a change of ours to follow it. */
export type PendingMessage = z.infer<typeof message>
/** A wish about a message of the log. */
export type PendingChange = Exclude<OutboxItem, PendingMessage>
export type PendingEdit = z.infer<typeof edit>
export type PendingDelete = z.infer<typeof erase>
export type PendingReaction = z.infer<typeof reaction>

/** What a person wishes of a message of the log, before it has a place in the queue. */
export type ChangeWish = { room: string, userId: string } & (
  | Pick<PendingEdit, 'kind' | 'messageId' | 'text'>
  | Pick<PendingDelete, 'kind' | 'messageId'>
  | Pick<PendingReaction, 'kind' | 'messageId' | 'emoji' | 'op'>
)
