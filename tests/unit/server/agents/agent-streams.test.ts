import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AgentStream } from '../../../../server/agents/agent-stream'
import { createAgentStreams } from '../../../../server/agents/agent-streams'
import type { AgentAsk, AgentStreams } from '../../../../server/agents/agent-streams'
import { createSessions } from '../../../../server/agents/sessions'
import type { Sessions } from '../../../../server/agents/sessions'
import { StreamsElsewhere } from '../../../../server/agents/streams-elsewhere'
import { showStream } from '../../../../server/agents/viewer'
import { createAnswers } from '../../../../server/ai/answers'
import type { Engine } from '../../../../server/ai/engine'
import { SHIPPED } from '../../../../server/ai/persona'
import type { Persona } from '../../../../server/ai/persona'
import { createStreamStore } from '../../../../server/ai/stream-store'
import { Turns } from '../../../../server/ai/turns'
import { createAudit } from '../../../../server/audit/audit'
import { createRoomLog } from '../../../../server/log/room-log'
import { createLocalBus } from '../../../../server/realtime/bus/local'
import { LIMITS } from '../../../../shared/protocol/limits'
import type { User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'
import { waitFor } from '../../../support/wait'

const HOST = SHIPPED[0] as Persona
const USAGE = { inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 1, text: 1, reasoning: 0 } }

/** An engine that says two words. */
const engine: Engine = { name: 'mock', languageModel: () => new MockLanguageModelV3({ doStream: async () => ({ stream: simulateReadableStream({ chunks: [
  { type: 'text-start', id: '1' }, { type: 'text-delta', id: '1', delta: 'two ' }, { type: 'text-delta', id: '1', delta: 'words' }, { type: 'text-end', id: '1' },
  { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: USAGE },
] }) }) }) }

describe('the streams of agents', () => {
  const KEPT_MS = 150
  let database: TestDatabase
  let sessions: Sessions
  let streams: AgentStreams
  let ann: User
  let log: ReturnType<typeof createRoomLog>
  let audit: ReturnType<typeof createAudit>
  const errors: unknown[] = []

  beforeEach(async () => {
    database = await createTestDatabase()
    const { db } = database.handle
    ann = await database.addUser('Ann')
    log = createRoomLog(database.handle)
    const turns = new Turns()
    const onError = (error: unknown): void => void errors.push(error)
    const answers = createAnswers({ log, bus: createLocalBus(), turns, streams: createStreamStore(db), silenceMs: 5000, onError, now: () => performance.now() })
    sessions = createSessions(db, 10_000)
    audit = createAudit(db, onError)
    streams = createAgentStreams({ elsewhere: new StreamsElsewhere(createLocalBus()), log, answers, sessions, turns, audit, engineOf: () => engine, onError, keptMs: KEPT_MS })
  })
  afterEach(async () => {
    streams.close()
    await Promise.all([log.drained(), audit.drained()])
    await database.dispose()
    expect(errors.splice(0)).toEqual([])
  })

  const owner = () => ({ user: ann, orgId: 'main' })
  const order = async (): Promise<AgentAsk> => {
    const { id } = await sessions.create(owner(), HOST.id, 'Title')
    return { ...await sessions.find(owner(), id), asker: owner(), persona: HOST, text: 'hello', clientMsgId: crypto.randomUUID() }
  }

  it('[AGT-4] an ended stream can be read for a while, and then is gone', async () => {
    const id = await streams.ask(await order())
    const stream = streams.find(owner(), id)
    streams.connected(stream, 0)
    expect(await stream.done).toMatchObject({ finish: 'stop' })
    expect(stream.events.join('')).toContain('two words')
    expect(streams.find(owner(), id)).toBe(stream)
    const find = vi.fn(() => streams.find(owner(), id))
    await waitFor(() => {
      try {
        return !find()
      } catch {
        return true
      }
    }, { timeout: 5000 })
    expect(find).toThrow(expect.objectContaining({ code: 'not_found' }))
  })

  it('[AGT-3] bounds how many answers of one person wait or are on their way', async () => {
    for (let n = 0; n < LIMITS.agentStreamsPerUser; n++) await streams.ask(await order())
    const refused = await order()
    await expect(streams.ask(refused)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 2000 })
    expect((await log.newest(refused.room.id, 10)).entries).toEqual([])
  })

  it('[AGT-3] bounds them when they are asked for at once, too', async () => {
    const orders = await Promise.all(Array.from({ length: LIMITS.agentStreamsPerUser + 2 }, order))
    const asked = await Promise.allSettled(orders.map(each => streams.ask(each)))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMITS.agentStreamsPerUser)
  })

  it('[AGT-2] finds a stream for its owner in its organisation alone', async () => {
    const id = await streams.ask(await order())
    const bob = await database.addUser('Bob')
    for (const other of [{ user: bob, orgId: 'main' }, { user: ann, orgId: 'elsewhere' }]) {
      expect(() => streams.find(other, id)).toThrow(expect.objectContaining({ code: 'not_found' }))
    }
  })
})

/** A response that takes nothing once it is full. */
class FakeResponse extends EventEmitter {
  written = ''
  full = false
  destroyed = false
  writableEnded = false
  writeHead = (): this => this
  flushHeaders = (): void => undefined

  write(text: string): boolean {
    this.written += text
    return !this.full
  }

  end(): void {
    this.writableEnded = true
  }

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

describe('a viewer', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const stream = () => new AgentStream({ id: 's', orgId: 'main', userId: 'u', sessionId: 'i', roomId: 'r', agent: 'host' }, {})
  const show = (shown: AgentStream, from = 0): FakeResponse => {
    const response = new FakeResponse()
    showStream(shown, response as unknown as ServerResponse, from)
    return response
  }
  const ids = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(match => Number(match[1]))

  it('[AGT-4] who takes nothing is written nothing, and goes on where it stopped; the others do not wait', () => {
    const shown = stream()
    const [slow, fast] = [show(shown), show(shown)]
    slow.full = true
    for (const word of ['a', 'b', 'c']) shown.delta(word)
    expect(ids(fast.written)).toEqual([1, 2, 3, 4, 5])
    expect(ids(slow.written)).toEqual([1, 2, 3])
    slow.full = false
    slow.emit('drain')
    shown.end({ finish: 'stop' })
    expect(slow.written).toBe(fast.written)
    expect([slow.writableEnded, fast.writableEnded]).toEqual([true, true])
  })

  it('[AGT-4] who takes nothing for long is cut, and nobody else', () => {
    const shown = stream()
    const [slow, fast] = [show(shown), show(shown)]
    slow.full = true
    shown.delta('a')
    vi.advanceTimersByTime(LIMITS.stalledMs)
    expect([slow.destroyed, fast.destroyed]).toEqual([true, false])
    expect(shown.viewerCount).toBe(1)
    shown.delta('b')
    expect(ids(slow.written)).toEqual([1, 2, 3])
  })

  it('[AGT-4] hears a comment every 15 s while nothing is said', () => {
    const shown = stream()
    const response = show(shown)
    vi.advanceTimersByTime(LIMITS.streamCommentMs * 2)
    expect(response.written.match(/^:$/gm)).toHaveLength(2)
    response.destroy()
    vi.advanceTimersByTime(LIMITS.streamCommentMs * 2)
    expect(response.written.match(/^:$/gm)).toHaveLength(2)
  })
})
