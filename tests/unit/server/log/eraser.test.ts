import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRoomLog } from '../../../../server/log/room-log'
import type { RoomLog } from '../../../../server/log/types'
import { createRoomDirectory } from '../../../../server/rooms/directory'
import type { User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'

/** Messages of a long room: many pieces. */
const MANY = 800

let database: TestDatabase
let ann: User
let roomId: string
let log: RoomLog
const errors: unknown[] = []

beforeEach(async () => {
  errors.length = 0
  database = await createTestDatabase()
  ann = await database.addUser('Ann')
  roomId = (await database.addRoom('room', ann)).id
  log = createRoomLog(database.handle, { onError: error => errors.push(error), eraseMs: 0 })
})
afterEach(async () => {
  await log.drained()
  expect(errors).toEqual([])
  await database.dispose()
})

const say = (text: string, room = roomId, clientMsgId?: string) => log.append(room, {
  type: 'message', userId: ann.id, userName: ann.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'plain' },
})
const fill = async () => {
  await Promise.all(Array.from({ length: MANY }, (_, n) => say(`secretword number ${n}`, roomId, `id-${n}`)))
  await log.search(roomId, 'secretword', 1)
}
const withText = async () => (await sql<{ n: number }>`select count(*) as n from messages where text <> ''`.execute(database.handle.db)).rows[0]?.n

it('[LOG-6] a long room is cleared for everybody at once; its texts are erased a piece at a time, between what others write', async () => {
  await fill()
  const other = (await database.addRoom('other', ann)).id
  await log.append(roomId, { type: 'clear', userId: ann.id })
  const left = await withText() ?? 0
  expect(left).toBeGreaterThan(MANY / 2)
  expect((await log.since(roomId, 0, 10)).entries.map(entry => entry.type)).toEqual(['clear'])
  expect(await createRoomLog(database.handle).newest(roomId, 10)).toMatchObject({ entries: [], floor: MANY })
  expect((await log.before(roomId, MANY, 10)).messages).toEqual([])
  expect(await log.search(roomId, 'secretword', 10)).toEqual([])
  // Others write meanwhile, each of their commits between two pieces.
  for (let n = 0; n < 5; n++) await say(`meanwhile ${n}`, other)
  expect(await withText()).toBeGreaterThan(5)
  await log.erased()
  expect(await withText()).toBe(5)
  expect(await database.raw()).not.toContain('secretword')
  expect(await say('again', roomId, 'id-7')).toMatchObject({ seq: 8, duplicate: true })
})

it('[LOG-6] goes on after a restart with what it had not come to, and takes a second clear with it', async () => {
  await fill()
  await log.append(roomId, { type: 'clear', userId: ann.id })
  await log.drained()
  expect(await withText()).toBeGreaterThan(0)
  const again = createRoomLog(database.handle, { onError: error => errors.push(error) })
  again.resume()
  await again.append(roomId, { type: 'message', userId: ann.id, userName: ann.name, content: { text: 'secretword too', type: 'user', actor_type: 'client', format: 'plain' } })
  await again.append(roomId, { type: 'clear', userId: ann.id })
  await again.erased()
  expect(await withText()).toBe(0)
  expect(await database.raw()).not.toContain('secretword')
  expect((await sql`select * from erasures`.execute(database.handle.db)).rows).toEqual([])
})

it('a room that is dropped is gone for everybody at once, with its timers, and leaves no row behind', async () => {
  const rooms = createRoomDirectory(database.handle.db, { creation: true })
  await fill()
  await log.append(roomId, { type: 'clear', userId: ann.id })
  await say('after the clear')
  await database.handle.db.insertInto('timers').values({ id: 't', room_id: roomId, bot: 'host', user_id: ann.id, label: 'secretlabel', due_at: 1 }).execute()
  await log.drop(roomId)
  expect(await rooms.byId(roomId)).toBeUndefined()
  expect(await rooms.seek('main', 'room', ann)).toBeUndefined()
  expect(await rooms.list('main', ann.id, 10)).toEqual([])
  await expect(log.since(roomId, 0, 10)).rejects.toMatchObject({ code: 'not_found' })
  await expect(say('too late')).rejects.toMatchObject({ code: 'not_found' })
  // Its name is free at once.
  expect((await database.addRoom('room', ann)).id).not.toBe(roomId)
  await log.erased()
  for (const table of ['messages', 'entries', 'timers', 'room_members', 'erasures', 'reactions']) {
    const where = table === 'reactions' ? sql`1 = 1` : sql`room_id = ${roomId}`
    expect((await sql`select * from ${sql.table(table)} where ${where}`.execute(database.handle.db)).rows, table).toEqual([])
  }
  expect((await sql`select * from rooms where id = ${roomId}`.execute(database.handle.db)).rows).toEqual([])
  expect(await database.raw()).not.toContain('secretword')
  expect(await database.raw()).not.toContain('secretlabel')
})

it('a room that is dropped while a piece of it is being erased leaves no row behind', async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await database.addRoom(`round-${round}`, ann)
    await Promise.all(Array.from({ length: 200 }, (_, n) => say(`message ${n}`, id)))
    await log.append(id, { type: 'clear', userId: ann.id })
    await new Promise(resolve => setTimeout(resolve, round))
    await log.drop(id)
  }
  await log.erased()
  const left = await database.handle.db.selectFrom('messages').select('id').execute()
  expect(left).toEqual([])
  expect(await database.handle.db.selectFrom('rooms').select('name').where('kind', '=', 'dropped').execute()).toEqual([])
})

it('keeps count of what a room keeps on disk: more with what is said, less with what is erased', async () => {
  const bytes = async () => (await database.handle.db.selectFrom('rooms').select('bytes').where('id', '=', roomId).executeTakeFirstOrThrow()).bytes
  const { messageId = '' } = await say('x'.repeat(1000))
  const said = await bytes()
  expect(said).toBeGreaterThan(1000)
  await log.append(roomId, { type: 'delete', userId: ann.id, moderator: false, messageId })
  const deleted = await bytes()
  expect(deleted).toBeLessThan(said)
  await say('y'.repeat(1000))
  await log.append(roomId, { type: 'clear', userId: ann.id })
  await log.erased()
  expect(await bytes()).toBeLessThan(deleted + 1000)
})
