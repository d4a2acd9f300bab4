import { createHash } from 'node:crypto'
import { ProtocolError } from '#shared/protocol/errors'
import type { Message } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import { endedBy } from '../ai/answers'
import type { Answers, Ended } from '../ai/answers'
import type { EngineResolver, Question } from '../ai/engine'
import type { Persona } from '../ai/persona'
import { placesOf } from '../ai/places'
import { newestWithin } from '../ai/reading'
import type { Taker } from '../ai/shares'
import type { Turns } from '../ai/turns'
import type { Audit } from '../audit/audit'
import type { RoomLog } from '../log/types'
import { AgentStream } from './agent-stream'
import { KeptStreams } from './kept-streams'
import type { OwnSession, Owner, Sessions } from './sessions'
import type { StreamsElsewhere } from './streams-elsewhere'

export interface AgentStreamsOptions {
  log: RoomLog
  answers: Answers
  sessions: Pick<Sessions, 'answered'>
  turns: Turns
  engineOf: EngineResolver
  audit: Audit
  onError: (error: unknown, where: string) => void
  /** The answers that other nodes give. */
  elsewhere: StreamsElsewhere
  /** How long an answer waits for its first viewer. @default LIMITS.agentConnectMs */
  connectMs?: number
  /** Answers, waiting ones included, that one address may have. @default as many as there are */
  perAddress?: number
  /** How long an ended stream can be read. @default LIMITS.agentKeptMs */
  keptMs?: number
}

/** A message to an agent. */
export interface AgentAsk extends OwnSession {
  asker: Owner
  persona: Persona
  text: string
  clientMsgId: string
  /** Where the asker is. */
  address?: string
}

/** The answers of agents: those that wait for a viewer, those on their way, and those that ended a while ago. */
export interface AgentStreams {
  /**
   * Stores a message and readies its answer; gives the stream's id, always the same for a message.
   *
   * @throws ProtocolError `conflict` while another answer is on its way in the session, `rate_limited`
   */
  ask: (ask: AgentAsk) => Promise<string>
  /** @throws ProtocolError `not_found`, for another's stream too */
  find: (owner: { user: { id: string }, orgId: string }, streamId: string) => AgentStream
  /** The answer on its way in a session. */
  ofSession: (sessionId: string) => AgentStream | undefined
  /** A viewer is there: the first one lets the agent start (AGT-5). */
  connected: (stream: AgentStream, from: number) => void
  /** Stops an answer; what was said is kept. */
  stop: (stream: AgentStream) => Promise<Ended>
  /** Ends those that still wait, because the server does. */
  close: () => void
}

interface Waiting {
  persona: Persona
  question: Question
  inReplyTo: string
  timer: ReturnType<typeof setTimeout>
}

export function createAgentStreams(options: AgentStreamsOptions): AgentStreams {
  const { log, answers, sessions, turns, engineOf, audit, onError, connectMs = LIMITS.agentConnectMs, keptMs = LIMITS.agentKeptMs, perAddress = LIMITS.streams, elsewhere } = options
  const streams = new Map<string, AgentStream>()
  const active = new Map<string, AgentStream>()
  const waiting = new Map<AgentStream, Waiting>()
  /** Messages being stored, by session. */
  const opening = new Map<string, { id: string, taker: Taker, opened: Promise<void> }>()
  const kept = new KeptStreams()

  async function ask(asked: AgentAsk): Promise<string> {
    const { session } = asked
    const id = streamIdOf(session.id, asked.clientMsgId)
    const under = opening.get(session.id)
    if (under?.id === id) await under.opened
    if (streams.has(id) || under?.id === id || elsewhere.has(id)) return id
    if (under || active.has(session.id) || elsewhere.activeIn(session.id) !== undefined) throw new ProtocolError('conflict', 'session: an answer is on its way')
    const opened = open(asked, id)
    opening.set(session.id, { id, taker: takerOf(asked), opened })
    try {
      await opened
    } finally {
      opening.delete(session.id)
    }
    return id
  }

  async function open(asked: AgentAsk, id: string): Promise<void> {
    const { asker: { user, orgId }, session, room, persona, text, clientMsgId, address } = asked
    const taker = takerOf(asked)
    const places = placesOf([...[...active.values()].map(({ owner }) => owner), ...[...opening.values()].map(({ taker }) => taker)], taker)
    if (places.all >= LIMITS.streams || places.user >= LIMITS.agentStreamsPerUser || places.address >= perAddress) throw new ProtocolError('rate_limited', 'agent: too many answers are on their way', { retryAfterMs: 2000 })
    answers.requireCapacity(taker)
    turns.requireAnswer('agent', orgId, taker, persona, performance.now())
    const { messageId, duplicate } = await log.append(room.id, { type: 'message', userId: user.id, userName: user.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'markdown' } })
    if (duplicate && await sessions.answered(room.id, id)) return
    const recent = (await log.newest(room.id, LIMITS.botReads)).entries as Message[]
    const at = recent.findIndex(message => message.messageId === messageId)
    const message = recent[at]
    if (!message || message.deleted) throw new ProtocolError('conflict', 'client_msg_id: that message is gone')
    if (session.title === '') await log.append(room.id, { type: 'room', userId: user.id, title: titleOf(text) })
    const { name: engine, model } = engineOf(persona)
    const stream = new AgentStream({ id, orgId, userId: user.id, sessionId: session.id, roomId: room.id, agent: persona.id, ...(address !== undefined && { address }) }, { sessionId: session.id, agentSlug: persona.id, engine, model })
    const timer = setTimeout(() => end(stream, endedBy('unwatched')), connectMs)
    waiting.set(stream, { persona, question: { room, asker: user, ...(address !== undefined && { address }), prompt: message.content.text, recent: newestWithin(recent.slice(0, at), LIMITS.botReadsBytes) }, inReplyTo: message.messageId, timer })
    streams.set(id, stream)
    active.set(session.id, stream)
    tell(stream)
    record(stream, 'created')
  }

  async function start(stream: AgentStream, { persona, question, inReplyTo }: Waiting): Promise<void> {
    record(stream, 'started')
    try {
      const running = await answers.begin({ id: stream.owner.id, persona, engine: engineOf(persona), question, inReplyTo, onDelta: text => stream.delta(text), onThought: text => stream.thought(text), onRecast: () => stream.recast() })
      stream.running = running
      if (stream.stopped) answers.end(running, 'stopped')
      end(stream, await running.done)
    } catch (error) {
      onError(error, 'starting an agent')
      end(stream, endedBy('failed'))
    }
  }

  function end(stream: AgentStream, ended: Ended): void {
    if (stream.state === 'ended') return
    const { sessionId } = stream.owner
    clearTimeout(waiting.get(stream)?.timer)
    waiting.delete(stream)
    active.delete(sessionId)
    stream.end(ended)
    tell(stream)
    record(stream, ended.finish === 'cancelled' ? 'stopped' : ended.finish === 'error' ? 'failed' : 'finished', { finish: ended.finish, ...(ended.reason && { reason: ended.reason }) })
    for (const gone of kept.add(stream)) drop(gone)
    setTimeout(() => {
      kept.delete(stream)
      drop(stream)
    }, keptMs).unref()
  }

  function tell({ owner: { id, orgId, userId, sessionId } }: AgentStream): void {
    elsewhere.tell(id, { orgId, userId, sessionId, active: active.get(sessionId)?.owner.id === id })
  }

  function drop(stream: AgentStream): void {
    const { id } = stream.owner
    if (streams.get(id) !== stream) return
    streams.delete(id)
    elsewhere.tell(id)
  }

  function record({ owner: { id, orgId, roomId, userId, agent } }: AgentStream, event: string, detail: Record<string, string | number> = {}): void {
    audit.record({ orgId, roomId, userId, action: `agent.stream.${event}`, detail: { stream_id: id, agent, ...detail } })
  }

  const here: AgentStreams = {
    ask,
    find({ user, orgId }, id) {
      const stream = streams.get(id)
      if (stream?.owner.userId !== user.id || stream.owner.orgId !== orgId) throw new ProtocolError('not_found', 'stream: does not exist')
      return stream
    },
    ofSession: sessionId => active.get(sessionId),
    connected(stream, from) {
      record(stream, 'connected', { from })
      const order = waiting.get(stream)
      if (!order) return
      clearTimeout(order.timer)
      waiting.delete(stream)
      stream.state = 'streaming'
      void start(stream, order)
    },
    async stop(stream) {
      stream.stopped = true
      if (stream.state === 'waiting') end(stream, endedBy('stopped'))
      else if (stream.running) answers.end(stream.running, 'stopped')
      return stream.done
    },
    close() {
      for (const stream of [...waiting.keys()]) end(stream, endedBy('restarted'))
    },
  }
  elsewhere.serve(here)
  return here
}

function takerOf({ asker: { user }, room, address }: AgentAsk): Taker {
  return { userId: user.id, roomId: room.id, ...(address !== undefined && { address }) }
}

/** A message's stream has an id of its own making: asking again leads to the same one, after a restart too (AGT-3). */
function streamIdOf(sessionId: string, clientMsgId: string): string {
  return createHash('sha256').update(`${sessionId}\n${clientMsgId}`).digest('hex').slice(0, 32)
}

/** A session's title from its first message. */
function titleOf(text: string): string {
  const line = text.replace(/[\s\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim()
  const characters = [...line]
  return characters.length > 48 ? `${characters.slice(0, 47).join('')}…` : line
}
