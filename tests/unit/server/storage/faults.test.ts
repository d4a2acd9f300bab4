import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createRoomLog } from '../../../../server/log/room-log'
import type { RoomLog } from '../../../../server/log/types'
import type { Fault } from '../../../../server/storage/guard'
import type { User } from '../../../../shared/protocol/frames'
import { createTestDatabase } from '../../../support/database'
import type { TestDatabase } from '../../../support/database'
import { waitFor } from '../../../support/wait'

let database: TestDatabase
let ann: User
let roomId: string
let log: RoomLog
let faults: (Fault | undefined)[]
const errors: unknown[] = []

beforeEach(async () => {
  faults = []
  errors.length = 0
  database = await createTestDatabase({ patienceMs: 300, onFault: fault => faults.push(fault) })
  ann = await database.addUser('Ann')
  roomId = (await database.addRoom('room', ann)).id
  log = createRoomLog(database.handle, { onError: error => errors.push(error) })
})
afterEach(async () => {
  await log.drained()
  await database.dispose()
})

const say = (text: string, clientMsgId?: string) => log.append(roomId, {
  type: 'message', userId: ann.id, userName: ann.name, clientMsgId, content: { text, type: 'user', actor_type: 'client', format: 'plain' },
})
const heads = async () => (await log.since(roomId, 0, 100)).entries.map(entry => entry.seq)

it('[LOG-2] acks nothing once its folder was deleted under it, and says why', async () => {
  await say('kept')
  rmSync(dirname(database.target), { recursive: true })
  await expect(say('lost')).rejects.toMatchObject({ code: 'unavailable', retryable: true })
  await expect(database.addUser('Bob')).rejects.toMatchObject({ code: 'unavailable' })
  expect(database.handle.fault()).toBe('gone')
  expect(faults).toEqual(['gone'])
  expect(await heads()).toEqual([1])
})

it('[LOG-2] acks nothing that was committed into a file that was deleted meanwhile', async () => {
  await expect(database.handle.db.transaction().execute(async (trx) => {
    await trx.updateTable('rooms').set({ title: 'gone' }).execute()
    rmSync(`${database.target}-wal`)
  })).rejects.toMatchObject({ code: 'unavailable', fault: 'gone' })
})

it('[LOG-2] acks nothing while another file stands where its database was, and goes on once the first is back', async () => {
  await say('kept')
  const folder = dirname(database.target)
  renameSync(folder, `${folder}-away`)
  mkdirSync(folder)
  cpSync(`${folder}-away`, folder, { recursive: true })
  await expect(say('lost')).rejects.toMatchObject({ code: 'unavailable' })
  expect(database.handle.fault()).toBe('replaced')
  rmSync(folder, { recursive: true })
  renameSync(`${folder}-away`, folder)
  expect(database.handle.fault()).toBeUndefined()
  expect(await say('kept too')).toMatchObject({ seq: 2 })
})

it('a full disk is named as what it is, harms nobody else, and goes on by itself when there is space', async () => {
  await say('kept')
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.handle.db)
  const bound = async (pages: number) => sql.raw(`pragma max_page_count = ${pages}`).execute(database.handle.db)
  await bound(rows[0]?.page_count ?? 0)
  const refused = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => say('x'.repeat(4000), `big-${n}`)))
  expect(refused.map(result => result.status === 'rejected' && result.reason.code)).toEqual(Array.from({ length: 40 }, () => 'unavailable'))
  expect(refused[0]).toMatchObject({ reason: { fault: 'full', cause: { code: 'SQLITE_FULL' } } })
  expect(database.handle.fault()).toBe('full')
  expect(errors).toEqual([])
  await bound(1_000_000)
  await database.handle.probe()
  expect(database.handle.fault()).toBeUndefined()
  expect(faults).toEqual(['full', undefined])
  expect(await say('x'.repeat(4000), 'big-0')).toMatchObject({ seq: 2 })
})

it('waits for a lock of another program without stopping the event loop or those who read, and stores once', async () => {
  // With the product's own patience: how long this takes is the machine's business.
  await database.dispose()
  database = await createTestDatabase()
  ann = await database.addUser('Ann')
  roomId = (await database.addRoom('room', ann)).id
  log = createRoomLog(database.handle)
  const other = new SQLite(database.target)
  other.exec('begin immediate')
  const waiting = say('later', 'one')
  let turns = 0
  for (const end = performance.now() + 100; performance.now() < end; turns++) {
    await new Promise(resolve => setImmediate(resolve))
    expect(await log.before(roomId, 10, 10)).toEqual({ messages: [], more: false })
  }
  expect(turns).toBeGreaterThan(20)
  other.exec('commit')
  expect(await waiting).toMatchObject({ seq: 1 })
  expect(await say('later', 'one')).toMatchObject({ seq: 1, duplicate: true })
  other.close()
})

it('refuses with unavailable what a lock of another program keeps too long, and stores it at the next try', async () => {
  const other = new SQLite(database.target)
  other.exec('begin immediate')
  const refused = await Promise.allSettled([say('one', '1'), say('two', '2'), database.addUser('Bob')])
  expect(refused.map(result => result.status === 'rejected' && result.reason.code)).toEqual(['unavailable', 'unavailable', 'unavailable'])
  expect(database.handle.fault()).toBe('locked')
  other.exec('commit')
  expect(await say('one', '1')).toMatchObject({ seq: 1 })
  expect(database.handle.fault()).toBeUndefined()
  other.close()
})

it('[LOG-5] erases from the log on disk once another program that reads it has ended, and does not wait for it', async () => {
  const { messageId = '' } = await say('secretword')
  const other = new SQLite(database.target)
  other.exec('begin')
  other.prepare('select count(*) from messages').get()
  await log.append(roomId, { type: 'delete', userId: ann.id, moderator: false, messageId })
  other.close()
  const reading = () => new SQLite(database.target, { readonly: true })
  await waitFor(() => {
    const sqlite = reading()
    const pages = sqlite.pragma('wal_checkpoint(PASSIVE)') as { log: number }[]
    sqlite.close()
    return pages[0]?.log === 0
  }, { what: 'an empty log' })
})
