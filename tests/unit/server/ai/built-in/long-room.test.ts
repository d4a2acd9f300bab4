import { fileURLToPath } from 'node:url'
import { streamText } from 'ai'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDocs } from '../../../../../server/docs/docs-files'
import { createDocsIndex } from '../../../../../server/ai/built-in/docs-index'
import { createEngineModel } from '../../../../../server/ai/built-in/provider'
import { createRoomIndex } from '../../../../../server/ai/built-in/room-index'
import type { RoomIndex } from '../../../../../server/ai/built-in/room-index'
import { createRoomLog } from '../../../../../server/log/room-log'
import { MORNING } from '../../../../fixtures/engine-room'
import { growth } from '../../../../support/growth'
import { createTestDatabase } from '../../../../support/database'
import type { TestDatabase } from '../../../../support/database'

const MESSAGES = 10_000
/** A room of a quarter, against which the long one is measured. */
const FEWER = MESSAGES / 4
const SUBJECTS = 'budget release server customer contract design paper office ticket month figure letter camera network cable laptop'.split(' ')
const QUESTIONS = ['what did I miss?', 'recap', 'which questions are open?', 'what was decided?', 'action items', 'who talks most?', 'search for the contract of customer 77', 'how do I start Lastra?']

const docs = createDocsIndex(readDocs(fileURLToPath(new URL('../../../../../', import.meta.url))))
let database: TestDatabase
let freshIndex: (messages: number) => RoomIndex

/** A real log on a real database: reading it back is part of what a first answer takes. */
beforeAll(async () => {
  database = await createTestDatabase()
  const people = await Promise.all(['Ada', 'Bob', 'Cem', 'Dora'].map(name => database.addUser(name)))
  const log = createRoomLog(database.handle)
  const ids = new Map(await Promise.all([FEWER, MESSAGES].map(async size => [size, (await database.addRoom(`plan-${size}`, people[0]!)).id] as const)))
  for (const [size, id] of ids) await Promise.all(Array.from({ length: size }, (_, n) => {
    const { id: userId, name: userName } = people[n % people.length]!
    const said = MORNING[n % MORNING.length]!.text
    const text = `${said} The ${SUBJECTS[n % SUBJECTS.length]} of ${SUBJECTS[n * 7 % 13]} ${n % 997} concerns w${n * 31 % 4001}.`
    return log.append(id, { type: 'message', userId, userName, content: { text, type: 'user', actor_type: 'client', format: 'markdown' } })
  }))
  freshIndex = messages => createRoomIndex('plan', { before: (seq, limit) => log.before(ids.get(messages)!, seq, limit) })
}, 60_000)

afterAll(() => database.dispose())

/** Asks, and waits for the first word. */
async function firstDelta(room: RoomIndex, prompt: string): Promise<void> {
  const model = createEngineModel({ docs, room, asker: { id: 'nobody', name: 'Eve' }, persona: { slug: 'host', name: 'Host' } })
  for await (const part of streamText({ model, prompt }).fullStream) {
    if (part.type === 'text-delta') return
  }
  throw new Error('nothing was said')
}

it.each(QUESTIONS)('[built-in engine] works for its first delta in proportion to the room at most: %s', async (question) => {
  const rooms = new Map([[FEWER, freshIndex(FEWER)], [MESSAGES, freshIndex(MESSAGES)]])
  for (const [size, room] of rooms) {
    await room.load()
    expect(room.view().lines).toHaveLength(size)
  }
  expect(await growth(size => firstDelta(rooms.get(size)!, question), FEWER), 'power of the length').toBeLessThan(1.5)
}, 60_000)

it('[built-in engine] reads a room for its first answer in proportion to its length at most', async () => {
  expect(await growth(size => firstDelta(freshIndex(size), QUESTIONS[6]!), FEWER), 'power of the length').toBeLessThan(1.5)
}, 60_000)
