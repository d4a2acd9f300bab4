import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MockLanguageModelV3 } from 'ai/test'
import { createAgentStreams } from '../../../../server/agents/agent-streams'
import type { AgentAsk } from '../../../../server/agents/agent-streams'
import { createSessions } from '../../../../server/agents/sessions'
import { StreamsElsewhere } from '../../../../server/agents/streams-elsewhere'
import { createAnswers } from '../../../../server/ai/answers'
import type { Engine } from '../../../../server/ai/engine'
import { SHIPPED } from '../../../../server/ai/persona'
import type { Persona } from '../../../../server/ai/persona'
import { createStreamStore } from '../../../../server/ai/stream-store'
import { Turns } from '../../../../server/ai/turns'
import { createAudit } from '../../../../server/audit/audit'
import { createRoomLog } from '../../../../server/log/room-log'
import { LocalWire } from '../../../../server/realtime/bus/local'
import type { User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'
import { waitFor } from '../../../support/wait'

const HOST = SHIPPED[0] as Persona

describe('an answer of an agent is read, stopped and asked for on any node', () => {
  let database: TestDatabase
  let ann: User
  let say: (word: string) => void
  let end: () => void
  let done: (() => Promise<unknown>)[]
  let close: () => Promise<void>[]
  const errors: unknown[] = []

  /** An engine that says what the test says. */
  const engine: Engine = { name: 'mock', languageModel: () => new MockLanguageModelV3({ doStream: async ({ abortSignal }) => ({ stream: new ReadableStream({
    start(controller) {
      controller.enqueue({ type: 'text-start', id: '1' })
      say = delta => controller.enqueue({ type: 'text-delta', id: '1', delta })
      end = () => {
        const count = { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 }
        controller.enqueue({ type: 'text-end', id: '1' })
        controller.enqueue({ type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage: { inputTokens: count, outputTokens: { total: 1, text: 1, reasoning: 0 } } })
        controller.close()
      }
      abortSignal?.addEventListener('abort', () => controller.error(new Error('stopped')))
    },
  }) }) }) }

  beforeEach(async () => {
    database = await createTestDatabase()
    ann = await database.addUser('Ann')
    done = []
  })
  afterEach(async () => {
    await Promise.all(close())
    await Promise.all(done.map(drained => drained()))
    await database.dispose()
    expect(errors.splice(0)).toEqual([])
  })

  const owner = () => ({ user: ann, orgId: 'main' })

  function nodes() {
    const wire = new LocalWire()
    const { db } = database.handle
    const onError = (error: unknown): void => void errors.push(error)
    const buses = [wire.node(), wire.node()] as const
    const made = buses.map((bus) => {
      const log = createRoomLog(database.handle)
      const turns = new Turns()
      const audit = createAudit(db, onError)
      const sessions = createSessions(db, 10_000)
      const elsewhere = new StreamsElsewhere(bus)
      const answers = createAnswers({ log, bus, turns, streams: createStreamStore(db), silenceMs: 5000, onError, now: () => performance.now() })
      const streams = createAgentStreams({ elsewhere, log, answers, sessions, turns, audit, engineOf: () => engine, onError })
      done.push(() => Promise.all([log.drained(), audit.drained()]))
      return { bus, streams, sessions, elsewhere, answers }
    })
    close = () => made.map(({ answers }) => answers.stop())
    return made as [typeof made[0], typeof made[0]]
  }

  async function order({ sessions }: ReturnType<typeof nodes>[0]): Promise<AgentAsk> {
    const { id } = await sessions.create(owner(), HOST.id, 'Title')
    return { ...await sessions.find(owner(), id), asker: owner(), persona: HOST, text: 'hello', clientMsgId: crypto.randomUUID() }
  }

  it('[AGT-4] [AGT-5] a viewer on another node lets it start, and reads it as it grows, to its end', async () => {
    const [here, there] = nodes()
    const asked = await order(here)
    const id = await here.streams.ask(asked)
    const viewed = await there.elsewhere.find(owner(), id)
    await viewed.open(0)
    const stream = here.streams.find(owner(), id)
    expect(stream.state).toBe('streaming')
    const following = viewed.follow(new AbortController().signal)
    await waitFor(() => say)
    say('one ')
    await waitFor(() => viewed.events.join('').includes('one '))
    say('two')
    end()
    await following
    expect(viewed.events).toEqual(stream.events)
    expect(viewed.state).toBe('ended')
    // One who comes later reads it from where they were.
    const late = await there.elsewhere.find(owner(), id)
    await late.open(2)
    expect(late.events).toEqual(stream.events)
  })

  it('[AGT-3] a session has one answer on its way on all nodes together, and a message one stream', async () => {
    const [here, there] = nodes()
    const asked = await order(here)
    const id = await here.streams.ask(asked)
    expect(await there.streams.ask(asked)).toBe(id)
    await expect(there.streams.ask({ ...asked, clientMsgId: 'another' })).rejects.toMatchObject({ code: 'conflict' })
    expect(there.elsewhere.activeIn(asked.session.id)).toBe(id)
  })

  it('[AGT-6] [AGT-2] it is stopped from another node, by its owner alone', async () => {
    const [here, there] = nodes()
    const asked = await order(here)
    const id = await here.streams.ask(asked)
    const bob = await database.addUser('Bob')
    for (const other of [{ user: bob, orgId: 'main' }, { user: ann, orgId: 'elsewhere' }]) await expect(there.elsewhere.find(other, id)).rejects.toMatchObject({ code: 'not_found' })
    const viewed = await there.elsewhere.find(owner(), id)
    await viewed.open(0)
    await waitFor(() => here.streams.find(owner(), id).running)
    expect(await viewed.stop()).toMatchObject({ finish: 'cancelled' })
    expect(there.elsewhere.activeIn(asked.session.id)).toBeUndefined()
  })

  it('[AGT-4] a viewer is let go when the node that gives the answer is gone', async () => {
    const [here, there] = nodes()
    const id = await here.streams.ask(await order(here))
    const viewed = await there.elsewhere.find(owner(), id)
    await viewed.open(0)
    await here.bus.close()
    await expect(viewed.follow(new AbortController().signal)).rejects.toMatchObject({ code: 'not_found' })
    await expect(there.elsewhere.find(owner(), id)).rejects.toMatchObject({ code: 'not_found' })
    // The answer goes on there, and has to end before the database does.
    await here.streams.stop(here.streams.find(owner(), id))
  })
})
