import { existsSync, readFileSync } from 'node:fs'
import { CompiledQuery, sql } from 'kysely'
import type { RootOperationNode } from 'kysely'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { searchMessages } from '../../../../../../server/log/reader'
import { createRoomLog } from '../../../../../../server/log/room-log'
import type { Append, RoomLog } from '../../../../../../server/log/types'
import type { User } from '../../../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../../../support/database'
import type { TestDatabase } from '../../../../../support/database'

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
  log = createRoomLog(database.handle, { onError: error => errors.push(error) })
})
afterEach(async () => {
  await log.drained()
  await database.dispose()
})

const say = (text: string): Append => ({ type: 'message', userId: ann.id, userName: ann.name, content: { text, type: 'user', actor_type: 'client', format: 'plain' } })
const found = async (words: string, in_ = log) => (await in_.search(roomId, words, 10)).map(message => message.seq)
const indexed = async () => (await database.handle.db.selectFrom('search_progress').select('indexed').executeTakeFirstOrThrow()).indexed
const onDisk = () => [database.target, `${database.target}-wal`].filter(existsSync).map(file => readFileSync(file, 'latin1')).join('')

it('finds what was said a moment ago, though it is put into the index later', async () => {
  await log.append(roomId, say('a rare heron'))
  expect(await indexed()).toBe(0)
  expect(await found('heron')).toEqual([1])
  expect(await indexed()).toBe(1)
})

it('follows the log by itself, a thousand messages at a time', async () => {
  await Promise.all(Array.from({ length: 1_250 }, (_, n) => log.append(roomId, say(`number${n}`))))
  await log.drained()
  expect(await indexed()).toBeGreaterThanOrEqual(1_000)
  expect(await found('number0')).toEqual([1])
  expect(await found('number1249')).toEqual([1_250])
  expect(await indexed()).toBe(1_250)
  expect(errors).toEqual([])
})

it('goes on where it was after a crash, and takes nothing twice', async () => {
  await log.append(roomId, say('the first heron'))
  await found('heron')
  await log.append(roomId, say('the second heron'))
  // Nothing of the first log's memory is left in the next one.
  const again = createRoomLog(database.handle)
  expect(await found('heron', again)).toEqual([2, 1])
})

it.each(['before', 'after'])('[LOG-5] shows an edit, and forgets a deleted text, made %s it came into the index', async (when) => {
  const edited = await log.append(roomId, say('a heron'))
  const deleted = await log.append(roomId, say('a secretword'))
  if (when === 'after') expect(await found('secretword')).toEqual([2])
  await log.append(roomId, { type: 'edit', userId: ann.id, moderator: false, messageId: edited.messageId ?? '', text: 'a stork' })
  await log.append(roomId, { type: 'delete', userId: ann.id, moderator: false, messageId: deleted.messageId ?? '' })
  expect(await found('heron')).toEqual([])
  expect(await found('stork')).toEqual([1])
  expect(await found('secretword')).toEqual([])
  expect(onDisk()).not.toContain('secretword')
})

it('forgets a room that was deleted, whether its words were in the index or not', async () => {
  await log.append(roomId, say('a heron'))
  await found('heron')
  await log.append(roomId, say('a secretword'))
  await log.drop(roomId)
  await log.erased()
  const other = (await database.addRoom('other', ann)).id
  await log.append(other, say('a heron elsewhere'))
  expect((await log.search(other, 'heron', 10)).map(message => message.seq)).toEqual([1])
  expect(onDisk()).not.toContain('secretword')
  const { rows } = await sql<{ n: number }>`select count(*) as n from message_search('heron')`.execute(database.handle.db)
  expect(rows).toEqual([{ n: 1 }])
})

it('goes from the words to their messages, not through the messages of the room', async () => {
  const { db } = database.handle
  const nodes: RootOperationNode[] = []
  const listening = db.withPlugin({
    transformQuery({ node }) {
      nodes.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await searchMessages({ db: listening, dialect: database.handle.dialect }, roomId, 'heron', 10)
  const queries = nodes.map(node => db.getExecutor().compileQuery<{ detail: string }>(node, { queryId: 'explained' }))
  const search = queries.find(query => query.sql.includes('message_search'))
  const plan = await db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${search?.sql}`, [...search?.parameters ?? []]))
  expect(plan.rows.map(row => row.detail.replace(/VIRTUAL TABLE INDEX.*/, 'by its words'))).toEqual(['SCAN s by its words', 'SEARCH m USING INTEGER PRIMARY KEY (rowid=?)'])
})

it('finds what was indexed before where no more can be, and says why', async () => {
  await log.append(roomId, say('a heron'))
  await found('heron')
  await log.append(roomId, say('another heron'))
  await sql`create trigger full before update on search_progress begin select raise(abort, 'the disk is full'); end`.execute(database.handle.db)
  expect(await found('heron')).toEqual([1])
  expect(errors).toMatchObject([{ message: 'the disk is full' }])
})

it('an index of another rule is made anew in pieces, from the newest message backwards, and goes on after a restart', async () => {
  for (const n of [1, 2, 3]) await log.append(roomId, say(`heron number ${n} of 上海`))
  expect(await found('heron')).toEqual([3, 2, 1])
  await sql`update search_progress set rule = 'of long ago'`.execute(database.handle.db)
  const again = createRoomLog(database.handle, { onError: error => errors.push(error) })
  again.resume()
  await vi.waitFor(async () => expect((await sql`select since from search_progress`.execute(database.handle.db)).rows).toEqual([{ since: 0 }]))
  await again.append(roomId, say('a heron more'))
  expect(await found('heron', again)).toEqual([4, 3, 2, 1])
  expect(await found('海', again)).toEqual([3, 2, 1])
  await again.append(roomId, { type: 'clear', userId: ann.id })
  await again.erased()
  expect((await sql<{ n: number }>`select count(*) as n from message_search('heron')`.execute(database.handle.db)).rows).toEqual([{ n: 0 }])
  await again.drained()
  expect(errors).toEqual([])
})
