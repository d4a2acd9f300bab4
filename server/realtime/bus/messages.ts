import { z } from 'zod'
import { entrySchemas } from '#shared/log/entries'
import type { Entry } from '#shared/protocol/frames'
import { ERROR_CODES, ERROR_REASONS } from '#shared/protocol/errors'
import { serverFrameSchemas, userSchema } from '#shared/protocol/server-frames'
import type { ServerFrame } from '#shared/protocol/server-frames'

const id = z.string().min(1).max(300)

/** By the schema of its type: one union of all of them would try each. */
function byType<T>(schemas: Readonly<Record<string, z.ZodType>>) {
  return z.looseObject({ type: z.string() }).transform((value, context): T => {
    const parsed = Object.hasOwn(schemas, value.type) ? schemas[value.type]?.safeParse(value) : undefined
    if (parsed?.success) return parsed.data as T
    context.addIssue({ code: 'custom', message: 'is no frame' })
    return z.NEVER
  })
}

const frame = byType<ServerFrame>(serverFrameSchemas)
const entry = byType<Entry>(entrySchemas)

const audience = z.discriminatedUnion('to', [
  z.object({ to: z.literal('room'), roomId: id, exceptConnection: id.optional(), exceptUser: id.optional(), moderators: z.literal(true).optional() }),
  z.object({ to: z.literal('user'), userId: id, outside: id.optional() }),
  z.object({ to: z.literal('organisation'), orgId: id }),
  z.object({ to: z.literal('all') }),
])

const control = z.discriminatedUnion('type', [
  z.object({ type: z.literal('evict'), roomId: id }),
  z.object({ type: z.literal('sign-out'), sid: id }),
  z.object({ type: z.literal('transport-policy') }),
  z.object({ type: z.literal('personas'), orgId: id }),
  z.object({
    type: z.literal('switch-off'), roomId: id, room: id, userId: id, peerId: id.optional(), by: userSchema,
    mic: z.literal(false).optional(), hand: z.literal(false).optional(),
  }),
  z.object({ type: z.literal('knock-over'), roomId: id, userId: id, turnedAway: z.literal(true).optional() }),
  z.object({ type: z.literal('end-answer'), streamId: id }),
  z.object({ type: z.literal('replaced'), peerId: id, by: id, gone: z.literal(true).optional() }),
])

const fact = z.object({ topic: z.string(), key: z.string().max(700), value: z.unknown().optional() })
const count = z.number().int().min(0)

/** What nodes say to each other, as it travels. A node that does not understand a message passes it over. */
export const nodeMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('frame'), message: z.object({ audience, frame, conflateKey: z.string().max(1000).optional() }) }),
  z.object({ kind: z.literal('committed'), roomId: id, entries: z.array(entry) }),
  z.object({ kind: z.literal('control'), control }),
  z.object({ kind: z.literal('signal'), id, message: z.object({ roomId: id, peerId: id, from: id, frame }) }),
  z.object({ kind: z.literal('reached'), id, reached: z.enum(['reached', 'gone', 'busy']) }),
  /** The node's `n`-th word of itself. */
  z.object({ kind: z.literal('fact'), n: count, fact }),
  /** All it says of itself up to its `n`-th word, in parts. */
  z.object({ kind: z.literal('facts'), n: count, part: count, last: z.boolean(), facts: z.array(fact) }),
  /** Asks a node to say all of that. */
  z.object({ kind: z.literal('again') }),
  z.object({ kind: z.literal('ask'), id, body: z.unknown() }),
  /** Nobody waits for an answer any more. */
  z.object({ kind: z.literal('stop'), id }),
  z.object({
    kind: z.literal('answer'), id, json: z.string().optional(),
    error: z.object({ code: z.enum(ERROR_CODES), message: z.string(), retryAfterMs: z.number().optional(), reason: z.enum(ERROR_REASONS).optional() }).optional(),
  }),
  /** Says that the node lives, how often it has said something of itself, and how far its rooms are. */
  z.object({ kind: z.literal('beat'), n: count, heads: z.record(z.string(), count) }),
  z.object({ kind: z.literal('bye') }),
])

export type NodeMessage = z.output<typeof nodeMessage>

/** Who sends, and when, by their steady clock. */
const envelope = z.object({ from: z.string().regex(/^[A-Za-z0-9]{1,32}$/), at: z.number() })

/** Bytes of one message between nodes, about: what is longer is not sent, and not read. */
export const MESSAGE_CHARACTERS = 8 * 1024 * 1024

/** Reads what came. @returns undefined for what is no message of a node */
export function readMessage(text: string): { from: string, at: number, read: () => NodeMessage | undefined } | undefined {
  if (text.length > MESSAGE_CHARACTERS) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const sender = envelope.safeParse(value)
  if (!sender.success) return undefined
  return {
    ...sender.data,
    read() {
      const parsed = nodeMessage.safeParse(value)
      return parsed.success ? parsed.data : undefined
    },
  }
}
