import type { Kysely } from 'kysely'
import { ENGINES } from '#shared/protocol/persona'
import type { EngineName } from '#shared/protocol/persona'
import type { Answers } from '../ai/answers'
import type { EngineResolver } from '../ai/engine'
import { SHIPPED } from '../ai/persona'
import type { Persona } from '../ai/persona'
import type { PersonaStore } from '../ai/persona-store'
import type { Turns } from '../ai/turns'
import type { Audit } from '../audit/audit'
import type { Database } from '../db/schema'
import type { RoomLog } from '../log/types'
import type { Bus } from '../realtime/bus'
import { createAgentStreams } from './agent-streams'
import type { AgentStreams } from './agent-streams'
import { createSessions } from './sessions'
import type { OwnSession, Owner, Sessions } from './sessions'
import type { AgentStream } from './agent-stream'
import { StreamsElsewhere } from './streams-elsewhere'
import type { ViewedElsewhere } from './viewed-elsewhere'
import { createTries } from './tries'
import type { Tries } from './tries'

export interface AgentsOptions {
  bus: Bus
  db: Kysely<Database>
  log: RoomLog
  personas: PersonaStore
  answers: Answers
  turns: Turns
  engineOf: EngineResolver
  audit: Audit
  /** New sessions a minute of one user. */
  sessionsPerMinute: number
  /** An engine that says nothing for so long is given up. */
  silenceMs: number
  onError: (error: unknown, where: string) => void
  /** Answers on their way that one address may have. */
  perAddress?: number
}

/** An agent as everybody sees it: no instructions. */
export interface Agent {
  slug: string
  name: string
  avatar: string
  /** What it does, in one sentence. */
  description: string
  engine: string
  model?: string
}

/** The engine and model that speak for a persona. */
export interface AnsweredBy { engine: string, model?: string }

/** Everything HTTP handlers need of agents and of the personas that stand behind them. */
export interface Agents {
  readonly personas: PersonaStore
  readonly sessions: Sessions
  readonly streams: AgentStreams
  /** Those that other nodes give. */
  readonly elsewhere: StreamsElsewhere
  /** A stream of this owner, wherever it is given. @throws ProtocolError `not_found` */
  findStream: (owner: Owner, id: string) => Promise<AgentStream | ViewedElsewhere>
  readonly tries: Tries
  list: (orgId: string) => Promise<Agent[]>
  /** Which engines a persona may choose, whether this server can reach them, and what answers where no model is named. Nothing of how. */
  engines: () => { name: EngineName, available: boolean, answeredBy: AnsweredBy }[]
  /** What an operator sees of a persona besides its settings: the engine that answers for it, the tokens of this hour, and whether the product brings it. */
  status: (orgId: string, persona: Persona) => { answeredBy: AnsweredBy, tokensThisHour: number, shipped: boolean }
  /** Ends and deletes a session with its room. Gives the rooms that went. */
  remove: (owner: Owner, own: OwnSession) => Promise<readonly string[]>
}

export function createAgents({ db, bus, log, personas, answers, turns, engineOf, audit, sessionsPerMinute, perAddress, silenceMs, onError }: AgentsOptions): Agents {
  const sessions = createSessions(db, sessionsPerMinute)
  const elsewhere = new StreamsElsewhere(bus)
  const streams = createAgentStreams({ elsewhere, log, answers, sessions, turns, engineOf, audit, perAddress, onError })
  const tries = createTries({ personas, turns, engineOf, audit, silenceMs, onError })
  const anyone = { ...SHIPPED[0]!, model: undefined }

  function answeredBy(persona: Persona): AnsweredBy {
    const { name: engine, model } = engineOf(persona)
    return { engine, ...(model !== undefined && { model }) }
  }

  async function findStream(owner: Owner, id: string): Promise<AgentStream | ViewedElsewhere> {
    if (elsewhere.has(id)) return elsewhere.find(owner, id)
    try {
      return streams.find(owner, id)
    } catch {
      return elsewhere.find(owner, id)
    }
  }

  return {
    personas,
    sessions,
    streams,
    elsewhere,
    findStream,
    tries,
    list: async orgId => (await personas.list(orgId)).map(persona => ({ slug: persona.id, name: persona.name, avatar: persona.avatar, description: persona.description, ...answeredBy(persona) })),
    engines: () => ENGINES.map(engine => ({
      name: engine,
      available: engine === 'default' || engineOf({ ...anyone, engine, model: 'any' }).name === engine,
      answeredBy: answeredBy({ ...anyone, engine }),
    })),
    status: (orgId, persona) => ({ answeredBy: answeredBy(persona), tokensThisHour: turns.used(orgId, persona.id, performance.now()), shipped: SHIPPED.some(({ id }) => id === persona.id) }),
    async remove({ user, orgId }, { session, room }) {
      const answering = streams.ofSession(session.id)
      if (answering) await streams.stop(answering)
      const other = elsewhere.activeIn(session.id)
      if (other !== undefined) await (await elsewhere.find({ user, orgId }, other)).stop()
      const dropped = await log.drop(room.id)
      audit.record({ orgId, roomId: room.id, userId: user.id, action: 'agent.session.deleted', detail: { agent: session.agentSlug } })
      return dropped
    },
  }
}
