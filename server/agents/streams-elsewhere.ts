import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import type { AnswerEnd, Finish } from '#shared/protocol/answer-ends'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import type { Bus } from '../realtime/bus'
import type { FactValue } from '../realtime/bus/facts'
import type { AgentStream } from './agent-stream'
import type { Owner } from './sessions'
import { ViewedElsewhere } from './viewed-elsewhere'

/** How long a question for more of an answer waits. */
const WAIT_MS = 20_000
/** Characters of events in one answer to it, about. */
const PART_CHARACTERS = 512 * 1024
/** How long somebody waits for a stream that was opened on another node a moment ago. */
const HEARD_MS = 500
/** How long the end of an answer that is stopped may take. */
const STOP_MS = 20_000

const question = z.discriminatedUnion('op', [
  z.object({ op: z.literal('agent-events'), orgId: identifier, userId: identifier, id: identifier, after: z.number().int().min(0), waitMs: z.number().min(0).max(WAIT_MS), viewer: z.number().int().min(0).optional() }),
  z.object({ op: z.literal('agent-stop'), orgId: identifier, userId: identifier, id: identifier }),
])
type Question = z.output<typeof question>

/** The streams of this node, as others ask for them. */
export interface StreamsHere {
  /** @throws ProtocolError `not_found` */
  find: (owner: { user: { id: string }, orgId: string }, id: string) => AgentStream
  connected: (stream: AgentStream, from: number) => void
  stop: (stream: AgentStream) => Promise<Stopped>
}

/** What is said of an answer that was stopped (AGT-6). */
export interface Stopped { finish: Finish, messageId?: string, reason?: AnswerEnd }

/**
 * The answers of agents that other nodes give: which there are is told by those nodes, and what they say is asked for as it comes. A
 * viewer may be on any node (AGT-4).
 */
export class StreamsElsewhere {
  private readonly known = new Map<string, FactValue<'agentStream'> & { node: string }>()
  private readonly heard = new Set<() => void>()

  constructor(private readonly bus: Bus) {
    bus.subscribe({
      fact: (node, { topic, key, value }) => {
        if (topic !== 'agentStream') return
        if (value) this.known.set(key, { ...value, node })
        else if (this.known.get(key)?.node === node) this.known.delete(key)
        for (const tell of [...this.heard]) tell()
      },
    })
  }

  /** Tells others of a stream of this node, or, without what is known of it, that it is gone. */
  tell(id: string, value?: FactValue<'agentStream'>): void {
    if (this.bus.hasOthers) this.bus.tell({ topic: 'agentStream', key: id, value })
  }

  /** Answers what other nodes ask of the streams that are here. */
  serve(here: StreamsHere): void {
    this.bus.subscribe({
      request(body, gone) {
        const parsed = question.safeParse(body)
        return parsed.success ? answer(here, parsed.data, gone) : undefined
      },
    })
  }

  has(id: string): boolean {
    return this.known.has(id)
  }

  /** The answer on its way in a session, on another node. */
  activeIn(sessionId: string): string | undefined {
    for (const [id, stream] of this.known) if (stream.sessionId === sessionId && stream.active) return id
    return undefined
  }

  /** A stream of this owner on another node, also one that is only just being told of. @throws ProtocolError `not_found` */
  async find({ user, orgId }: Owner, id: string): Promise<ViewedElsewhere> {
    if (this.bus.hasOthers && !this.known.has(id)) await this.hearOf(id)
    const stream = this.known.get(id)
    if (stream?.userId !== user.id || stream.orgId !== orgId) throw new ProtocolError('not_found', 'stream: does not exist')
    const { node } = stream
    const about = { orgId, userId: user.id, id }
    return new ViewedElsewhere(id, {
      pull: async (after, viewer, gone) => {
        const waitMs = viewer === undefined ? WAIT_MS : 0
        return this.bus.ask(node, { op: 'agent-events', ...about, after, waitMs, ...(viewer !== undefined && { viewer }) } satisfies Question, waitMs, gone)
      },
      stop: () => this.bus.ask(node, { op: 'agent-stop', ...about } satisfies Question, STOP_MS),
    })
  }

  private hearOf(id: string): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.heard.delete(tell)
        resolve()
      }
      const tell = (): void => {
        if (this.known.has(id)) done()
      }
      const timer = setTimeout(done, HEARD_MS)
      this.heard.add(tell)
    })
  }
}

async function answer(here: StreamsHere, asked: Question, gone: AbortSignal): Promise<string> {
  const stream = here.find({ user: { id: asked.userId }, orgId: asked.orgId }, asked.id)
  if (asked.op === 'agent-stop') {
    const { finish, messageId } = await here.stop(stream)
    return JSON.stringify({ finish, ...(messageId !== undefined && { messageId }) })
  }
  if (asked.viewer !== undefined) {
    if (stream.viewerCount >= LIMITS.agentViewers) throw new ProtocolError('rate_limited', 'stream: too many viewers', { retryAfterMs: 5000 })
    here.connected(stream, asked.viewer)
  }
  if (stream.events.length <= asked.after && stream.state !== 'ended' && asked.waitMs > 0) await grown(stream, asked.waitMs, gone)
  const events: string[] = []
  let characters = 0
  for (const event of stream.events.slice(asked.after)) {
    if (characters > 0 && characters + event.length > PART_CHARACTERS) break
    characters += event.length
    events.push(event)
  }
  return JSON.stringify({ events, ended: stream.state === 'ended' && asked.after + events.length === stream.events.length })
}

function grown(stream: AgentStream, waitMs: number, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      unwatch()
      gone.removeEventListener('abort', done)
      resolve()
    }
    const unwatch = stream.watch(done)
    const timer = setTimeout(done, waitMs)
    gone.addEventListener('abort', done)
  })
}
