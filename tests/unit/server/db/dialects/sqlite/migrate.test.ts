import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../../../../server/db/client'
import { migrate } from '../../../../../../server/db/dialects/sqlite/migrate'
import { CannotStart } from '../../../../../../server/storage/cannot-start'
import { hasBeenUsed } from '../../../../../../server/storage/intact'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lastra-migrate-'))
  file = join(folder, 'lastra.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const schemaOf = (sqlite: SQLite.Database) => sqlite.prepare('select type, name, sql from sqlite_master order by type, name').all()

it('a migration that ends half way leaves the database as it was, and the next start finishes it', async () => {
  const sqlite = new SQLite(file)
  await migrate(sqlite, '0005-timers')
  sqlite.exec(`insert into organisations values ('org', 'Org', 'now');
    insert into rooms (id, org_id, name, title, kind, epoch, created_by, created_at) values ('room', 'org', 'r', 'R', 'room', 'e', 'ann', 'now');
    insert into messages (id, room_id, seq, user_id, user_name, text, content_type, actor_type, format, metadata, state, created_at)
      values ('m', 'room', 1, 'ann', 'Ann', 'kept', 'user', 'client', 'plain', '{}', 'live', 'now');
    create table search_progress (in_the_way integer)`)
  const before = schemaOf(sqlite)
  await expect(migrate(sqlite)).rejects.toThrow(CannotStart)
  expect(schemaOf(sqlite)).toEqual(before)
  sqlite.exec('drop table search_progress')
  await migrate(sqlite)
  expect(sqlite.prepare('select text from messages').pluck().all()).toEqual(['kept'])
  sqlite.close()
})

it('an upgrade says each step before it takes it, and a first start says nothing', async () => {
  const steps: string[] = []
  const onUpgrade = (step: string): void => void steps.push(step)
  const sqlite = new SQLite(file)
  await migrate(sqlite, '0008-erasures')
  sqlite.close()
  await (await openDatabase(file, { onUpgrade })).close()
  expect(steps.slice(0, 2)).toEqual(['0009-search-words', '0010-sessions'])
  await (await openDatabase(file, { onUpgrade })).close()
  const first: string[] = []
  await (await openDatabase(join(folder, 'new.db'), { onUpgrade: step => void first.push(step) })).close()
  expect([new Set(steps).size, first]).toEqual([steps.length, []])
})

it('a database of a newer Lastra is refused with a sentence, and left as it is', async () => {
  await (await openDatabase(file)).close()
  const sqlite = new SQLite(file)
  sqlite.exec('insert into kysely_migration values (\'9999-of-tomorrow\', \'now\')')
  sqlite.close()
  await expect(openDatabase(file)).rejects.toThrow(/made by a newer Lastra/)
})

it('a folder that was in use does not start anew without a word: its database is missing, empty, cut off, or holds nothing', async () => {
  expect(hasBeenUsed(folder)).toBe(false)
  await (await openDatabase(file)).close()
  writeFileSync(join(folder, 'secrets.json'), '{}')
  expect(hasBeenUsed(folder)).toBe(true)
  for (const size of [8192, 100, 50]) {
    truncateSync(file, size)
    expect(() => hasBeenUsed(folder)).toThrow(/lastra\.db is cut off.*restore the database from a backup/)
  }
  await expect(openDatabase(file, { used: true })).rejects.toThrow(/is damaged or cut off.*restore it from a backup/)
  truncateSync(file, 0)
  expect(() => hasBeenUsed(folder)).toThrow(/lastra\.db is empty.*restore the database from a backup/)
  rmSync(file)
  expect(() => hasBeenUsed(folder)).toThrow(/lastra\.db is missing/)
  new SQLite(file).exec('create table other (n)').close()
  await expect(openDatabase(file, { used: true })).rejects.toThrow(/holds nothing/)
})
