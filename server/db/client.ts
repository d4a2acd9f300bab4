import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect } from 'kysely'
import { migrationProvider } from './migrations'
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
 * @throws when the file cannot be opened or a migration fails
 */
export async function openDatabase(file: string): Promise<DatabaseHandle> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
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
  const unmigrated = new Kysely<unknown>({ dialect: new SqliteDialect({ database: sqlite }) })
  const { error } = await new Migrator({ db: unmigrated, provider: migrationProvider }).migrateToLatest()
  if (error) throw new Error('[db] migration failed', { cause: error })
  const db = new Kysely<Database>({ dialect: new SqliteDialect({ database: withPreparedStatements(sqlite) }) })
  return {
    db,
    purge: () => { sqlite.pragma('wal_checkpoint(TRUNCATE)') },
    close: () => db.destroy(),
  }
}
