import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'
import type { Bus } from '../bus'
import type { Realtime } from '../realtime'
import { asJson, carriedLine } from './bundle'
import type { CarriedLine, NotedLine, ReadLine, RefusedLine } from './bundle'
import { LineElsewhere } from './line-elsewhere'
import type { Pulled } from './line-elsewhere'
import { isPosted } from './posted'
import type { PollingLines } from './polling-lines'

/** How long the frames of one request may take to be handled. */
const FRAMES_MS = 20_000

const userId = identifier
const wait = z.number().int().min(0).max(LIMITS.pollWaitMs)
const lines = z.array(carriedLine).max(LIMITS.linesPerRead)

/** What a node asks the one that holds a connection. Who asks is known to the node that was asked first, and is checked here as there. */
const question = z.discriminatedUnion('op', [
  z.object({ op: z.literal('frames'), userId, id: identifier, frames: z.array(z.unknown()).max(LIMITS.framesPerPost) }),
  z.object({ op: z.literal('poll'), userId, id: identifier, after: z.number().int().min(0), waitMs: wait }),
  z.object({ op: z.literal('close'), userId, id: identifier }),
  z.object({ op: z.literal('read'), userId, lines, waitMs: wait }),
  z.object({ op: z.literal('note'), userId, lines }),
  z.object({ op: z.literal('pull'), userId, id: identifier, after: z.number().int().min(0), waitMs: wait }),
  z.object({ op: z.literal('unread'), userId, ids: z.array(identifier).max(LIMITS.linesPerRead) }),
  z.object({ op: z.literal('carry'), userId, streamId: identifier, lines }),
])
type Question = z.output<typeof question>

interface Noted { lines: readonly NotedLine[], refused: readonly RefusedLine[] }

/**
 * Connections whose frames come and go by requests, whichever node a request comes to: the id of a connection begins with the name of
 * the node that holds it, and what is asked of another one is passed on (SSE-3, POL-1, TAB-2, TAB-3).
 */
export class PostedLines {
  constructor(private readonly bus: Bus, private readonly realtime: Realtime, private readonly polling: PollingLines) {
    bus.subscribe({
      request: (body, gone) => {
        const parsed = question.safeParse(body)
        return parsed.success ? this.answer(parsed.data, gone) : undefined
      },
    })
    polling.onLeft = (user, ids) => this.leave(user, ids)
  }

  /** Handles a client's frames. @returns JSON `{ frames }`, their replies in order. @throws ProtocolError as SSE-3 says */
  frames(user: string, id: string, frames: readonly unknown[]): Promise<string> {
    return this.ask({ op: 'frames', userId: user, id, frames: [...frames] }, id, FRAMES_MS)
  }

  /** Answers one poll (POL-1). @returns JSON `{ frames, next }`. @throws ProtocolError */
  poll(user: string, id: string, after: number, waitMs: number, gone: AbortSignal): Promise<string> {
    return this.ask({ op: 'poll', userId: user, id, after, waitMs }, id, waitMs, gone)
  }

  /** Closes a connection its client is done with. @throws ProtocolError */
  async close(user: string, id: string): Promise<void> {
    await this.ask({ op: 'close', userId: user, id }, id, 0)
  }

  /** Answers one read of many lines as soon as one has something (TAB-2). @returns JSON `{ lines }` */
  async read(user: string, asked: readonly CarriedLine[], waitMs: number, gone: AbortSignal): Promise<string> {
    const groups = this.byNode(asked)
    if (groups.size <= 1) return this.readOf(user, [...groups.keys()][0], asked, waitMs, gone)
    const over = new AbortController()
    const end = (): void => over.abort()
    gone.addEventListener('abort', end)
    const answers: string[] = []
    const reads = [...groups].map(async ([node, group]) => {
      const json = await this.readOf(user, node, group, waitMs, over.signal)
      if (!over.signal.aborted) answers.push(json)
    })
    // What others have waits for the next request: nothing is acknowledged by being read.
    await Promise.race(reads)
    end()
    gone.removeEventListener('abort', end)
    return answers.length === 1 ? answers[0] ?? NOTHING : `{"lines":[${answers.map(json => json.slice(NOTHING.length - 2, -2)).filter(part => part !== '').join(',')}]}`
  }

  /** Says which lines a stream carries from now on (TAB-3). @returns JSON `{ lines }` of those it does not. @throws ProtocolError `not_found` */
  carry(user: string, streamId: string, asked: readonly CarriedLine[]): Promise<string> {
    return this.ask({ op: 'carry', userId: user, streamId, lines: [...asked] }, streamId, FRAMES_MS)
  }

  private ask(asked: Question, id: string, waitMs: number, gone?: AbortSignal): Promise<string> {
    const node = this.nodeOf(id)
    return node === undefined ? this.answer(asked, gone ?? NEVER) : this.bus.ask(node, asked, waitMs, gone)
  }

  /** The other node that holds what this id names; undefined for this one. */
  private nodeOf(id: string): string | undefined {
    const dot = id.indexOf('.')
    const node = dot > 0 ? id.slice(0, dot) : this.bus.node
    return node === this.bus.node || !this.bus.hasOthers ? undefined : node
  }

  private byNode(asked: readonly CarriedLine[]): Map<string | undefined, CarriedLine[]> {
    const groups = new Map<string | undefined, CarriedLine[]>()
    for (const line of asked) {
      const node = this.nodeOf(line.connection_id)
      groups.set(node, [...groups.get(node) ?? [], line])
    }
    return groups
  }

  private async readOf(user: string, node: string | undefined, asked: readonly CarriedLine[], waitMs: number, gone: AbortSignal): Promise<string> {
    if (node === undefined) return this.polling.read(user, asked, waitMs, gone)
    try {
      return await this.bus.ask(node, { op: 'read', userId: user, lines: [...asked], waitMs } satisfies Question, waitMs, gone)
    } catch (error) {
      if (gone.aborted) return NOTHING
      return `{"lines":[${refusedFor(asked, error).map(asJson).join(',')}]}`
    }
  }

  private async answer(asked: Question, gone: AbortSignal): Promise<string> {
    switch (asked.op) {
      case 'frames': return JSON.stringify({ frames: await this.exchange(asked.userId, asked.id, asked.frames) })
      case 'poll': {
        const { frames, next } = await this.polling.poll(asked.userId, asked.id, asked.after, asked.waitMs, gone)
        return `{"frames":[${frames.join(',')}],"next":${next}}`
      }
      case 'close':
        this.polling.close(asked.userId, asked.id)
        return '{}'
      case 'read': return this.polling.read(asked.userId, asked.lines, asked.waitMs, gone)
      case 'note': return JSON.stringify(this.polling.note(asked.userId, asked.lines))
      case 'pull': return JSON.stringify(await this.polling.pull(asked.userId, asked.id, asked.after, asked.waitMs, gone))
      case 'unread':
        this.polling.left(asked.userId, asked.ids)
        return '{}'
      case 'carry': {
        const refused = await this.carryHere(asked)
        return `{"lines":[${refused.map(asJson).join(',')}]}`
      }
    }
  }

  private async exchange(user: string, id: string, frames: readonly unknown[]) {
    const connection = this.realtime.context.registry.find(id)
    if (connection?.state.phase !== 'established' || !isPosted(connection)) throw new ProtocolError('not_found', 'connection_id: no such connection')
    if (connection.state.user.id !== user) throw new ProtocolError('forbidden', 'connection_id: this connection is somebody else\'s')
    await connection.transport.reading()
    return this.realtime.exchange(connection, frames)
  }

  /** Of two requests the later one counts, also where the earlier one has to ask more nodes. */
  private carryHere({ userId: user, streamId, lines: asked }: Question & { op: 'carry' }): Promise<readonly RefusedLine[]> {
    const stream = this.polling.stream(user, streamId)
    return stream.inTurn(async () => {
      const found = await Promise.all([...this.byNode(asked)].map(async ([node, group]) => {
        if (node === undefined) return this.polling.findAll(user, group)
        const { lines: noted, refused } = await this.noteOn(node, user, group)
        const read = noted.map(({ connectionId, after }): ReadLine => ({ connectionId, after, transport: stream.transportOf(connectionId) ?? this.lineOn(node, user, connectionId, after) }))
        return { lines: read, refused }
      }))
      stream.carry({ lines: found.flatMap(({ lines: some }) => some) })
      return found.flatMap(({ refused }) => refused)
    })
  }

  private async noteOn(node: string, user: string, asked: readonly CarriedLine[]): Promise<Noted> {
    try {
      return JSON.parse(await this.bus.ask(node, { op: 'note', userId: user, lines: [...asked] } satisfies Question, 0)) as Noted
    } catch (error) {
      return { lines: [], refused: refusedFor(asked, error) }
    }
  }

  private lineOn(node: string, user: string, id: string, after: number): LineElsewhere {
    const pull = async (from: number, waitMs: number, gone: AbortSignal) => JSON.parse(await this.bus.ask(node, { op: 'pull', userId: user, id, after: from, waitMs } satisfies Question, waitMs, gone)) as Pulled
    return new LineElsewhere(after, pull, error => error instanceof ProtocolError && !error.retryable)
  }

  /** A stream has ended: the lines it carried are to be read by another, or end with it. */
  private leave(user: string, ids: readonly string[]): void {
    const groups = this.byNode(ids.map(connection_id => ({ connection_id, after: 0, acked: 0, idle_ms: 0 })))
    for (const [node, group] of groups) {
      const left = group.map(({ connection_id }) => connection_id)
      if (node === undefined) this.polling.left(user, left)
      else this.bus.ask(node, { op: 'unread', userId: user, ids: left } satisfies Question, 0).catch(() => undefined)
    }
  }
}

const NOTHING = '{"lines":[]}'
const NEVER = new AbortController().signal

function refusedFor(asked: readonly CarriedLine[], error: unknown): RefusedLine[] {
  if (!(error instanceof ProtocolError)) throw error
  return asked.map(({ connection_id: connectionId }) => ({ connectionId, code: error.code }))
}
