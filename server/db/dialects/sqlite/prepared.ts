import type SQLite from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LRUCache } from 'lru-cache'

/** Statements kept ready. Those with a list of values have a text for each length of it, hence a bound. */
const KEPT_STATEMENTS = 500

/**
 * The database as Kysely sees it, with its statements prepared once instead of each time: SQLite takes about as long to read a
 * short statement as to run it. To be used after the migrations, which change what a prepared statement has looked up.
 */
export function withPreparedStatements(sqlite: SQLite.Database): SqliteDatabase {
  const statements = new LRUCache<string, SqliteStatement>({ max: KEPT_STATEMENTS })
  return {
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      const statement = sqlite.prepare(sql) as SqliteStatement
      statements.set(sql, statement)
      return statement
    },
    close: () => void sqlite.close(),
  }
}
