import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely } from 'kysely'
import { searchWords } from '../../../log/words'
import { CannotStart } from '../../../storage/cannot-start'
import { createStorageGuard } from '../../../storage/guard'
import { lost } from '../../../storage/intact'
import type { DatabaseHandle, DatabaseOptions } from '../../handle'
import type { Database } from '../../schema'
import { sqliteDialect } from './dialect'
import { Lane, LaneDialect } from './lane'
import { migrate } from './migrate'
import { withPreparedStatements } from './prepared'
import { Purge } from './purge'

/** How long a start waits for another program that holds the database. Afterwards nothing waits inside of SQLite. */
const START_PATIENCE_MS = 5_000
/** A log that grew beyond it is cut back once it was taken over, in bytes. */
const LOG_BYTES = 64 * 1024 * 1024

/**
 * Opens the embedded database and brings its schema up to date.
 *
 * `synchronous=FULL` with WAL syncs at every commit: what is committed survives a crash of the process and of the
 * machine (https://www.sqlite.org/pragma.html#pragma_synchronous). `secure_delete` overwrites what is deleted.
 *
 * @param file the database file; its folder is made where missing
 * @throws CannotStart when the file cannot be opened, is damaged or empty, or a migration fails
 */
export async function openSqlite(file: string, options: DatabaseOptions = {}): Promise<DatabaseHandle> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    return await open(file, options)
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError)) throw error
    const damaged = /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code)
    const remedy = damaged ? 'is damaged or cut off: restore it from a backup, and keep this file' : 'cannot be opened'
    throw new CannotStart(`${file} ${remedy} (${error.message})`, { cause: error })
  }
}

async function open(file: string, { used = false, onFault, onUpgrade, patienceMs }: DatabaseOptions): Promise<DatabaseHandle> {
  const sqlite = new SQLite(file)
  // SQLite gives its two helper files the same mode: what people wrote is for the server's user alone.
  chmodSync(file, 0o600)
  // The triggers of the search index ask it for the words of a text.
  sqlite.function('search_words', { deterministic: true }, text => searchWords(String(text)))
  sqlite.pragma(`busy_timeout = ${START_PATIENCE_MS}`)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('secure_delete = ON')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('cache_size = -65536')
  // A checkpoint syncs twice and holds up everybody who writes meanwhile: every 16 MB of log instead of every 4.
  sqlite.pragma('wal_autocheckpoint = 4000')
  sqlite.pragma(`journal_size_limit = ${LOG_BYTES}`)
  const hasPast = sqlite.prepare('select 1 from sqlite_master where name = ?').get('users') !== undefined
  if (used && !hasPast) throw lost(file, 'holds nothing')
  await migrate(sqlite, undefined, hasPast ? onUpgrade : undefined)
  sqlite.pragma('busy_timeout = 0')
  const guard = createStorageGuard([file, `${file}-wal`], onFault)
  const lane = new Lane({ sqlite, statements: withPreparedStatements(sqlite), guard, patienceMs })
  const db = new Kysely<Database>({ dialect: new LaneDialect(lane) })
  const purge = new Purge(lane)
  return {
    db,
    dialect: sqliteDialect,
    purge: () => purge.ask(),
    fault: () => guard.fault(),
    async probe() {
      await db.updateTable('search_progress').set(eb => ({ indexed: eb.ref('indexed') })).execute().catch(() => undefined)
    },
    async close() {
      await purge.drained()
      purge.close()
      await db.destroy()
      // Kysely closes what it has used only.
      sqlite.close()
    },
  }
}
