import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DatabaseHandle } from '../../../../../../server/db/client'
import { SHIPPED } from '../../../../../../server/ai/persona'
import { createPersonaStore } from '../../../../../../server/ai/persona-store'
import { createRoomLog } from '../../../../../../server/log/room-log'
import type { Append, RoomLog } from '../../../../../../server/log/types'
import type { User } from '../../../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../../../support/database'
import type { TestDatabase } from '../../../../../support/database'
import { readStored } from '../../../../../support/stored-log'

let database: TestDatabase
let ann: User
let rooms: string[]
const errors: unknown[] = []

beforeEach(async () => {
  errors.length = 0
  database = await createTestDatabase()
  ann = await database.addUser('Ann')
  rooms = []
  for (const name of ['zeta', 'alpha', 'mid']) rooms.push((await database.addRoom(name, ann)).id)
})
afterEach(() => database.dispose())

const say = (text: string, clientMsgId?: string): Append => ({
  type: 'message', userId: ann.id, userName: ann.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'plain' },
})

/** Two nodes: each its own log over its own connections. */
async function nodes(change: (handle: DatabaseHandle) => DatabaseHandle = handle => handle): Promise<[RoomLog, RoomLog]> {
  const made = [database.handle, await database.again()].map(handle => createRoomLog(change(handle), { onError: error => errors.push(error) }))
  return made as [RoomLog, RoomLog]
}

/** What is wrong with the numbers in the log: a `seq` twice or none, or a head that is not the last one. */
async function wrong(): Promise<string[]> {
  return [...(await readStored(database.target)).values()].flatMap(({ name, head, entries }) => {
    const seqs = entries.map(({ seq }) => seq)
    const expected = Array.from({ length: head }, (_, n) => n + 1)
    return JSON.stringify(seqs) === JSON.stringify(expected) ? [] : [`${name}: head ${head}, ${seqs.length} entries, ${new Set(seqs).size} different`]
  })
}

/** Messages on one node and edits on the other, at once, in all rooms. */
async function both([one, two]: [RoomLog, RoomLog]): Promise<PromiseSettledResult<unknown>[]> {
  const first = await Promise.all(rooms.map(room => one.append(room, say('the one that is edited'))))
  const done: Promise<unknown>[] = []
  for (let n = 0; n < 40; n++) {
    for (const [at, room] of rooms.entries()) {
      done.push(one.append(room, say(`message ${n}`, `id-${n}`)))
      done.push(two.append(room, { type: 'edit', userId: ann.id, moderator: false, messageId: first[at]?.messageId ?? '', text: `edit ${n}` }))
    }
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  return Promise.allSettled(done)
}

describe('[LOG-1] two nodes that write at once', () => {
  it('take no number twice and leave none out: messages on one, edits on the other', async () => {
    const results = await both(await nodes())
    expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(errors).toEqual([])
    expect(await wrong()).toEqual([])
    expect([...(await readStored(database.target)).values()].map(({ head }) => head)).toEqual([81, 81, 81])
  })

  it('would, if nobody held the rooms meanwhile', async () => {
    await both(await nodes(handle => ({ ...handle, dialect: { ...handle.dialect, say: undefined, hold: async () => undefined } })))
    expect(await wrong()).not.toEqual([])
  })

  it('never wait for each other, whatever rooms they write to in whatever order', async () => {
    const logs = await nodes()
    const orders = [rooms, rooms.toReversed()]
    const change = (n: number): Append => ({ type: 'room', userId: ann.id, title: `Title ${n}` })
    for (let n = 0; n < 20; n++) {
      await Promise.all(logs.flatMap((log, at) => (orders[at] ?? []).map(room => log.append(room, n % 2 ? say(`${at} ${n}`) : change(n)))))
    }
    expect(errors).toEqual([])
    expect(await wrong()).toEqual([])
  })
})

it('[LOG-4] what one client sends to two nodes at once is stored once, and both answers name it', async () => {
  const [one, two] = await nodes()
  for (let n = 0; n < 20; n++) {
    const answers = await Promise.all([one, two].map(log => log.append(rooms[0] ?? '', say('only once', `twice-${n}`))))
    expect(new Set(answers.map(({ messageId }) => messageId)).size).toBe(1)
    expect(answers.map(({ duplicate }) => duplicate ?? false).toSorted()).toEqual([false, true])
    expect(new Set(answers.map(({ seq }) => seq))).toEqual(new Set([n + 1]))
  }
  expect(errors).toEqual([])
  expect(await wrong()).toEqual([])
})

it('[LOG-4] what is said beside something the database cannot take is stored and told once', async () => {
  const [one] = await nodes()
  const told: string[] = []
  one.onCommitted((roomId, entries) => told.push(...entries.map(({ seq }) => `${roomId} ${seq}`)))
  const results = await Promise.allSettled([
    one.append(rooms[0] ?? '', say('without an id')),
    one.append(rooms[1] ?? '', { type: 'room', userId: null as unknown as string, title: 'broken' }),
    one.append(rooms[2] ?? '', { type: 'room', userId: ann.id, title: 'whole' }),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(told).toEqual([`${rooms[0]} 1`, `${rooms[2]} 1`])
  expect(await wrong()).toEqual([])
  expect([...(await readStored(database.target)).values()].map(({ entries }) => entries.length).toSorted()).toEqual([0, 1, 1])
})

it('two nodes that save a persona at once: one is told that there is a newer one', async () => {
  const settings = { ...SHIPPED[0]!, name: 'Changed' }
  const stores = [database.handle, await database.again()].map(({ db }) => createPersonaStore(db))
  for (let n = 0; n < 5; n++) {
    const saved = await Promise.allSettled(stores.map(store => store.save('main', 'host', settings, ann.id, undefined)))
    for (const result of saved) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict' })
    expect(saved.some(({ status }) => status === 'fulfilled')).toBe(true)
  }
})
