import type SQLite from 'better-sqlite3'
import { Kysely, Migrator, SqliteAdapter, SqliteDialect } from 'kysely'
import { CannotStart } from '../../../storage/cannot-start'
import { migrationsFor } from '../../migrations'

/**
 * Kysely leaves SQLite's migrations without a transaction, though SQLite takes back a changed schema like any other change
 * (https://www.sqlite.org/lang_transaction.html): a process killed between two statements would leave half a migration, which
 * no later start can finish.
 */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

/**
 * Brings a database up to date: all missing migrations and the rows that say so in one transaction, so that a kill at any moment
 * leaves the database as it was or as it shall be.
 *
 * @param sqlite an open database in WAL mode
 * @param to the name of the last migration. @default the newest
 * @param told hears of each step before it is taken: with much in the database it takes a while, in which nothing else happens
 * @throws CannotStart for a database that a newer Lastra made, or that an earlier one left half made
 */
export async function migrate(sqlite: SQLite.Database, to?: string, told?: (step: string) => void): Promise<void> {
  // Unordered: what was made side by side may have come here one after the other.
  const db = new Kysely<unknown>({ dialect: new TransactionalDialect({ database: sqlite }) })
  const migrator = new Migrator({ db, provider: migrationsFor('sqlite', told), allowUnorderedMigrations: true })
  const { error } = to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to)
  if (!error) return
  if (/previously executed migration/.test(String(error))) {
    throw new CannotStart(`${sqlite.name} was made by a newer Lastra: start that one, or restore the backup of before its update`, { cause: error })
  }
  throw new CannotStart(`${sqlite.name} could not be brought up to date (${(error as Error).message}): restore it from a backup, and keep this file`, { cause: error })
}
