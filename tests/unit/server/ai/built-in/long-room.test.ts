import { fileURLToPath } from 'node:url'
import { streamText } from 'ai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDocs } from '../../../../../server/ai/built-in/docs-files'
import { createDocsIndex } from '../../../../../server/ai/built-in/docs-index'
import { createEngineModel } from '../../../../../server/ai/built-in/provider'
import { createRoomIndex } from '../../../../../server/ai/built-in/room-index'
import type { RoomIndex } from '../../../../../server/ai/built-in/room-index'
import { createRoomLog } from '../../../../../server/log/room-log'
import { MORNING } from '../../../../fixtures/engine-room'
import { createTestDatabase } from '../../../../support/database'
import type { TestDatabase } from '../../../../support/database'

const MESSAGES = 10_000
const STARTS = 5
const SUBJECTS = 'budget release server customer contract design paper office ticket month figure letter camera network cable laptop'.split(' ')
const QUESTIONS = ['what did I miss?', 'recap', 'which questions are open?', 'what was decided?', 'action items', 'who talks most?', 'search for the contract of customer 77', 'how do I start Lastra?']

const docs = createDocsIndex(readDocs(fileURLToPath(new URL('../../../../../', import.meta.url))))
let database: TestDatabase
let freshIndex: () => RoomIndex

/** A real log on a real database: reading it back is part of what a first answer takes. */
beforeAll(async () => {
  database = await createTestDatabase()
  const people = await Promise.all(['Ada', 'Bob', 'Cem', 'Dora'].map(name => database.addUser(name)))
  const { id } = await database.addRoom('plan', people[0]!)
  const log = createRoomLog(database.handle)
  await Promise.all(Array.from({ length: MESSAGES }, (_, n) => {
    const { id: userId, name: userName } = people[n % people.length]!
    const said = MORNING[n % MORNING.length]!.text
    const text = `${said} The ${SUBJECTS[n % SUBJECTS.length]} of ${SUBJECTS[n * 7 % 13]} ${n % 997} concerns w${n * 31 % 4001}.`
    return log.append(id, { type: 'message', userId, userName, content: { text, type: 'user', actor_type: 'client', format: 'markdown' } })
  }))
  freshIndex = () => createRoomIndex('plan', { before: (seq, limit) => log.before(id, seq, limit) })
}, 60_000)

afterAll(() => database.dispose())

/** Milliseconds until the first word, by the clock and of the processor: only the latter does not hang on what else runs. */
interface Took {
  clock: number
  processor: number
}

async function firstDelta(room: RoomIndex, prompt: string): Promise<Took> {
  const began = performance.now()
  const used = process.cpuUsage()
  const model = createEngineModel({ docs, room, asker: { id: 'nobody', name: 'Eve' }, persona: { slug: 'host', name: 'Host' } })
  for await (const part of streamText({ model, prompt }).fullStream) {
    if (part.type === 'text-delta') return { clock: performance.now() - began, processor: process.cpuUsage(used).user / 1000 }
  }
  throw new Error('nothing was said')
}

async function medianOf(room: () => RoomIndex, question: string): Promise<Took> {
  const times: Took[] = []
  for (let n = 0; n < STARTS; n++) times.push(await firstDelta(room(), question))
  const median = (which: keyof Took) => times.map(time => time[which]).sort((a, b) => a - b)[Math.floor(STARTS / 2)]!
  const took = { clock: median('clock'), processor: median('processor') }
  process.stdout.write(`${question}: ${took.clock.toFixed(0)} ms, of the processor ${took.processor.toFixed(0)} ms\n`)
  return took
}

it('[built-in engine] has its first delta on a room of 10,000 messages after at most 150 ms of work', async () => {
  const room = freshIndex()
  await room.load()
  expect(room.view().lines).toHaveLength(MESSAGES)
  for (const question of QUESTIONS) expect((await medianOf(() => room, question)).processor, question).toBeLessThanOrEqual(150)
}, 60_000)

it('[built-in engine] reads such a room for its first answer after at most 300 ms of work', async () => {
  process.stdout.write('read from the database first:\n')
  expect((await medianOf(freshIndex, QUESTIONS[6]!)).processor).toBeLessThanOrEqual(300)
}, 60_000)
