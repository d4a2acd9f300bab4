import { z } from 'zod'
import { memberSchema, userSchema } from '#shared/protocol/server-frames'

const id = z.string().min(1).max(300)
/** Milliseconds since 1970, by the clock of the node that says it. */
const time = z.number()

/** One peer of a user in a room, as its node knows it: connected, without a connection for a while, or gone and remembered (RTC-2). */
const peer = memberSchema.shape.peers.element.extend({
  state: z.enum(['here', 'away', 'left']),
  /** When its newest connection came: of two nodes that know a peer, the later one is right. */
  at: time,
  control: z.object({ by: userSchema, mic: z.literal(false).optional(), hand: z.literal(false).optional() }).optional(),
})

/** What a node says of one user in one room (PRS-1). */
export const presentSchema = z.object({
  roomId: id,
  user: userSchema,
  role: z.enum(['host', 'member']),
  muted: z.boolean(),
  status: memberSchema.shape.status,
  /** When the status was set. */
  statusAt: time,
  peers: z.array(peer).max(64),
})

/** Somebody at a door (ACC-5). */
export const knockSchema = z.object({ roomId: id, room: id, userId: id, userName: z.string().max(300) })

/** A place in a call (RTC-5). */
export const placeSchema = z.object({ roomId: id, peerId: id, user: userSchema, at: time })

/** What nodes tell each other of themselves, by topic. Each value has a key, and replaces what was said under that key before. */
export const factSchemas = {
  present: presentSchema,
  knock: knockSchema,
  place: placeSchema,
  /** How many connections a user (`u…`) or an address (`a…`) has. */
  connections: z.number().int().min(0),
  /** An answer of an agent: whose it is, and whether it is on its way. */
  agentStream: z.object({ orgId: id, userId: id, sessionId: id, active: z.boolean() }),
} as const

export type FactTopic = keyof typeof factSchemas
export type FactValue<T extends FactTopic> = z.output<typeof factSchemas[T]>
export type Fact = { [T in FactTopic]: { topic: T, key: string, value?: FactValue<T> } }[FactTopic]
export type Present = FactValue<'present'>
export type PresentPeerFact = Present['peers'][number]

/** Checks what another node says. Undefined for what this one does not understand. */
export function readFact({ topic, key, value }: { topic: string, key: string, value?: unknown }): Fact | undefined {
  if (!Object.hasOwn(factSchemas, topic)) return undefined
  if (value === undefined) return { topic: topic as FactTopic, key } as Fact
  const parsed = factSchemas[topic as FactTopic].safeParse(value)
  return parsed.success ? { topic, key, value: parsed.data } as Fact : undefined
}
