import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect, sql } from 'kysely'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../../../../server/db/client'
import type { DatabaseHandle } from '../../../../../../server/db/client'
import { migrationsFor } from '../../../../../../server/db/migrations'
import { createRoomLog } from '../../../../../../server/log/room-log'

let folder: string
let handle: DatabaseHandle

/** A database as an earlier version left it: two messages, a reaction between them, the second edited. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lastra-lean-'))
  const file = join(folder, 'lastra.db')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new SQLite(file) }) })
  const { error } = await new Migrator({ db, provider: migrationsFor('sqlite') }).migrateTo('0005-timers')
  expect(error).toBeUndefined()
  const at = '2026-01-01T00:00:00.000Z'
  await sql`insert into organisations values ('org', 'Org', ${at})`.execute(db)
  await sql`insert into users values ('ann', 'org', 'Ann', 'member', ${at})`.execute(db)
  await sql`insert into rooms (id, org_id, name, title, kind, epoch, head, created_by, created_at) values ('room', 'org', 'lobby', 'Lobby', 'open', 'e1', 4, 'ann', ${at})`.execute(db)
  const message = (id: string, seq: number, clientId: string, text: string) => sql`insert into messages
    (id, room_id, seq, user_id, user_name, client_msg_id, text, content_type, actor_type, format, metadata, state, created_at)
    values (${id}, 'room', ${seq}, 'ann', 'Ann', ${clientId}, ${text}, 'user', 'client', 'plain', '{}', 'live', ${at})`.execute(db)
  await message('m1', 1, 'c1', 'an old heron')
  await message('m2', 3, 'c2', 'an old stork')
  for (const [seq, type, about, payload] of [[1, 'message.new', 'm1', '{}'], [2, 'reaction', 'm1', '{"emoji":"👍","op":"add"}'], [3, 'message.new', 'm2', '{}'], [4, 'message.edited', 'm2', '{}']]) {
    await sql`insert into entries values ('room', ${seq}, ${type}, ${about}, 'ann', ${payload}, ${at})`.execute(db)
  }
  await sql`insert into reactions values ('m1', '👍', 'ann', ${at})`.execute(db)
  await db.destroy()
  handle = await openDatabase(file)
})
afterEach(async () => {
  await handle.close()
  rmSync(folder, { recursive: true, force: true })
})

it('keeps the log of an earlier version as it was: order, search, edits, and client ids that are taken', async () => {
  const log = createRoomLog(handle)
  const { entries, head, epoch } = await log.since('room', 0, 10)
  expect({ head, epoch }).toEqual({ head: 4, epoch: 'e1' })
  expect(entries).toMatchObject([
    { type: 'message.new', seq: 1, messageId: 'm1', content: { text: 'an old heron' }, reactions: { '👍': ['ann'] } },
    { type: 'reaction', seq: 2, emoji: '👍' },
    { type: 'message.new', seq: 3, messageId: 'm2', client_msg_id: 'c2' },
    { type: 'message.edited', seq: 4, messageId: 'm2', content: { text: 'an old stork' } },
  ])
  expect((await log.search('room', 'heron', 10)).map(message => message.seq)).toEqual([1])
  const again = await log.append('room', { type: 'message', userId: 'ann', userName: 'Ann', clientMsgId: 'c1', content: { text: 'twice', type: 'user', actor_type: 'client', format: 'plain' } })
  expect(again).toMatchObject({ seq: 1, messageId: 'm1', duplicate: true })
  await log.append('room', { type: 'edit', userId: 'ann', moderator: false, messageId: 'm1', text: 'a new ibis' })
  expect(await log.search('room', 'heron', 10)).toEqual([])
  expect((await log.search('room', 'ibis', 10)).map(message => message.seq)).toEqual([1])
  expect((await log.since('room', 4, 10)).entries).toMatchObject([{ type: 'message.edited', seq: 5 }])
})

it.each(['asc', 'desc'])('reads a room of any length by its indexes, %s', async (order) => {
  const plan = await sql<{ detail: string }>`explain query plan select * from log where room_id = 'room' and seq > 1 order by seq ${sql.raw(order)} limit 10`.execute(handle.db)
  const steps = plan.rows.map(row => row.detail)
  expect(steps).toContain('MERGE (UNION ALL)')
  expect(steps.filter(step => step.startsWith('SCAN') || step.includes('TEMP B-TREE'))).toEqual([])
})
