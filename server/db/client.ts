import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { CannotStart } from '../storage/cannot-start'
import { lost } from '../storage/intact'
import { migrate } from './migrate'
import { withPreparedStatements } from './prepared'
import type { Database } from './schema'

/** An open database: the query builder, and what only the embedded engine needs. */
export interface DatabaseHandle {
  readonly db: Kysely<Database>
  /** Moves the write-ahead log into the main file and empties it, so that an erased text is in neither. */
  purge: () => void
  close: () => Promise<void>
}

/**
 * Opens the embedded database and brings its schema up to date.
 *
 * `synchronous=FULL` with WAL syncs at every commit: what is committed survives a crash of the process and of the
 * machine (https://www.sqlite.org/pragma.html#pragma_synchronous). `secure_delete` overwrites what is deleted.
 *
 * @param file the database file; its folder is made where missing
 * @param used whether a database must be there already, as after a first start. @default false
 * @throws CannotStart when the file cannot be opened, is damaged or empty, or a migration fails
 */
export async function openDatabase(file: string, used = false): Promise<DatabaseHandle> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    return await open(file, used)
  } catch (error) {
    if (!(error instanceof SQLite.SqliteError)) throw error
    const damaged = /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code)
    const remedy = damaged ? 'is damaged or cut off: restore it from a backup, and keep this file' : 'cannot be opened'
    throw new CannotStart(`${file} ${remedy} (${error.message})`, { cause: error })
  }
}

async function open(file: string, used: boolean): Promise<DatabaseHandle> {
  const sqlite = new SQLite(file)
  // SQLite gives its two helper files the same mode: what people wrote is for the server's user alone.
  chmodSync(file, 0o600)
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('secure_delete = ON')
  sqlite.pragma('foreign_keys = ON')
  sqlite.pragma('busy_timeout = 5000')
  sqlite.pragma('cache_size = -65536')
  // A checkpoint syncs twice and holds up everybody who writes meanwhile: every 16 MB of log instead of every 4.
  sqlite.pragma('wal_autocheckpoint = 4000')
  if (used && sqlite.prepare('select 1 from sqlite_master where name = ?').get('users') === undefined) throw lost(file, 'holds nothing')
  await migrate(sqlite)
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: withPreparedStatements(sqlite) }) })
  return {
    db,
    purge: () => { sqlite.pragma('wal_checkpoint(TRUNCATE)') },
    async close() {
      await db.destroy()
      // Kysely closes what it has used only.
      sqlite.close()
    },
  }
}
