import { z } from 'zod'
import { entrySchemas } from '../log/entries'
import { FINISHES } from './answer-ends'
import { TRANSPORTS, transportChoice } from './fields'
import { ENGINES, personaSettings } from './persona'
import { userSchema } from './server-frames'
import { systemLineSchema } from './system-lines'

/*
 * What the HTTP routes answer, once for both sides: handlers are checked against it when they are compiled, pages read it as types, and the
 * end-to-end tests hold every answer they get against it. Routes are called by their method and the path of their file.
 */

const timestamp = z.iso.datetime()
const message = entrySchemas['message.new']
const count = z.number().int().min(0)
const share = z.number().min(0).max(100)
const entry = z.discriminatedUnion('type', Object.values(entrySchemas) as [typeof entrySchemas['message.new'], ...(typeof entrySchemas[keyof typeof entrySchemas])[]])

/** Which transport the users get: a default, and the percentage of them that gets another one (FLAG-1). */
const transportPolicy = z.object({ default: transportChoice, rollout: z.record(z.enum(TRANSPORTS), share) })

/** A room as the landing page lists it (RES-10). */
const roomListing = z.object({
  name: z.string(),
  title: z.string(),
  kind: z.string(),
  locked: z.boolean(),
  listed: z.boolean(),
  role: z.enum(['host', 'member']).nullable(),
  last_at: timestamp.nullable(),
  people: count,
})

/** What may be known of a room before joining it (RES-10). */
const roomDoor = z.object({ name: z.string(), title: z.string(), locked: z.boolean(), people: count, member: z.boolean() })

/** A persona one can talk to in private (AGT-1). */
const agent = z.object({ slug: z.string(), name: z.string(), avatar: z.string(), description: z.string(), engine: z.string(), model: z.string().optional() })

/** One's session with an agent (AGT-1); `title` is empty until something was said, `room` the address of the room it is. */
const agentSession = z.object({
  id: z.string(),
  agentSlug: z.string(),
  title: z.string(),
  room: z.string(),
  pinned: z.boolean(),
  archived: z.boolean(),
  createdAt: timestamp,
  lastAt: timestamp.nullable(),
})

/** The engine and model that speak. */
const answeredBy = z.object({ engine: z.string(), model: z.string().optional() })

/** A persona as those see it who keep it (AGT-8); `shipped` where the product brings it: it can be reset, not deleted. */
const keptPersona = personaSettings.extend({ id: z.string(), version: count, answeredBy, tokensThisHour: count, shipped: z.boolean() })

const versionBase = z.object({ id: z.string(), version: count, by: z.string(), byName: z.string(), at: timestamp })

/** What each route answers with 200. Those that answer with a stream, or with frames, are left out. */
export const httpAnswers = {
  'GET /api/health': z.object({ status: z.enum(['ok', 'draining', 'failing']), checks: z.record(z.string(), z.string()), connections: count }),
  'GET /api/session': z.object({ user: userSchema, expires_in_ms: z.number().int() }),
  'POST /api/session': z.object({ user: userSchema, token: z.string() }),
  'PATCH /api/session': z.object({ user: userSchema }),
  'DELETE /api/session': z.object({ ok: z.literal(true) }),
  'GET /api/transport': z.object({ transport: transportChoice, policy: transportPolicy.optional() }),
  'PUT /api/transport': z.object({ transport: transportChoice, policy: transportPolicy }),
  'GET /api/rooms': z.object({ rooms: z.array(roomListing) }),
  'GET /api/rooms/[room]': roomDoor,
  'GET /api/rooms/[room]/log': z.object({ entries: z.array(entry), head: count, epoch: z.string(), floor: count }),
  'GET /api/rooms/[room]/messages': z.object({ messages: z.array(message), more: z.boolean(), lines: z.array(systemLineSchema).optional() }),
  'GET /api/rooms/[room]/search': z.object({ messages: z.array(message) }),
  'GET /api/ai-agent/agents': z.object({ agents: z.array(agent) }),
  'GET /api/ai-agent/sessions': z.object({ sessions: z.array(agentSession), more: z.boolean() }),
  'POST /api/ai-agent/sessions': agentSession,
  'GET /api/ai-agent/sessions/[id]': agentSession.extend({
    messages: z.array(message), more: z.boolean(), stream: z.object({ streamId: z.string(), state: z.string() }).optional(),
  }),
  'PATCH /api/ai-agent/sessions/[id]': agentSession,
  'DELETE /api/ai-agent/sessions/[id]': z.object({ deleted: z.literal(true) }),
  'POST /api/ai-agent/stream': z.object({ streamId: z.string() }),
  'DELETE /api/ai-agent/stream/[streamId]': z.object({ streamId: z.string(), finish: z.enum(FINISHES), messageId: z.string().optional() }),
  'GET /api/personas': z.object({
    personas: z.array(keptPersona), engines: z.array(z.object({ name: z.enum(ENGINES), available: z.boolean(), answeredBy })),
  }),
  'GET /api/personas/usage': z.object({ usage: z.array(z.object({ id: z.string(), tokensThisHour: count, tokensPerHour: count })) }),
  'GET /api/personas/[id]/versions': z.object({
    versions: z.array(z.union([versionBase.extend({ deleted: z.literal(true) }), versionBase.extend(personaSettings.shape)])),
  }),
  'PUT /api/personas/[id]': keptPersona,
  'DELETE /api/personas/[id]': z.union([z.object({ deleted: z.literal(true) }), z.object({ deleted: z.literal(false), persona: keptPersona })]),
} as const

export type AnsweringRoute = keyof typeof httpAnswers
/** An answer that is JSON already. */
export type JsonOf<T> = string & { readonly of?: T }
/** What a route answers with 200. */
export type AnswerTo<R extends AnsweringRoute> = z.output<typeof httpAnswers[R]>
