import { MockLanguageModelV3, simulateReadableStream } from 'ai/test'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAnswers } from '../../../../server/ai/answers'
import type { Engine, Question } from '../../../../server/ai/engine'
import { SHIPPED } from '../../../../server/ai/persona'
import { createStreamStore } from '../../../../server/ai/stream-store'
import { Turns } from '../../../../server/ai/turns'
import { createRoomLog } from '../../../../server/log/room-log'
import { createLocalBus } from '../../../../server/realtime/bus/local'
import type { Message, User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

let database: TestDatabase
let asked: number
let turns: Turns
let ann: User

beforeEach(async () => {
  database = await createTestDatabase()
  ann = await database.addUser('Ann')
  asked = 0
  turns = new Turns()
})
afterEach(() => database.dispose())

const usage = { inputTokens: { total: 7, noCache: 7, cacheRead: 0, cacheWrite: 0 }, outputTokens: { total: 3, text: 3, reasoning: 0 } }
const engine: Engine = { name: 'mock', languageModel: () => new MockLanguageModelV3({ doStream: async () => {
  asked++
  return { stream: simulateReadableStream({ chunks: [
    { type: 'text-start' as const, id: '0' }, { type: 'text-delta' as const, id: '0', delta: 'Yes.' }, { type: 'text-end' as const, id: '0' },
    { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage },
  ] }) }
} }) }

/** A room of long messages: what a question there would cost if all of it were charged. */
async function order(): Promise<{ answers: ReturnType<typeof createAnswers>, question: Question }> {
  const room = await database.addRoom('long', ann)
  const answers = createAnswers({ log: createRoomLog(database.handle), bus: createLocalBus(), turns, streams: createStreamStore(database.handle.db), silenceMs: 5000, onError: () => undefined, now: () => 0 })
  const recent = Array.from({ length: 50 }, () => ({ userName: 'Ann', content: { text: 'x'.repeat(16_000), actor_type: 'client' } }) as Message)
  return { answers, question: { room, asker: ann, prompt: 'hello', recent } }
}

it('[AGT-13] what is stopped before its engine was asked costs nothing, and asks nothing', async () => {
  const { answers, question } = await order()
  const running = await answers.begin({ persona: SHIPPED[0]!, engine, question })
  answers.end(running, 'stopped')
  expect(await running.done).toMatchObject({ finish: 'cancelled' })
  expect(asked).toBe(0)
  expect(turns.used('main', 'host', 0)).toBe(0)
})

it('[AGT-13] what is on its way is counted beforehand, and as what it was when it has ended', async () => {
  const { answers, question } = await order()
  const running = await answers.begin({ persona: SHIPPED[0]!, engine, question })
  await new Promise(resolve => setImmediate(resolve))
  await Promise.resolve()
  expect(turns.used('main', 'host', 0)).toBeGreaterThan(100_000)
  await running.done
  expect(asked).toBe(1)
  expect(turns.used('main', 'host', 0)).toBe(10)
})
