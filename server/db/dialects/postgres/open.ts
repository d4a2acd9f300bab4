import { Kysely, Migrator, PostgresDialect, sql } from 'kysely'
import { CannotStart } from '../../../storage/cannot-start'
import { StorageUnavailable } from '../../../storage/guard'
import type { DatabaseHandle, DatabaseOptions } from '../../handle'
import { migrationsFor } from '../../migrations'
import type { Database } from '../../schema'
import { createPostgresDialect } from './dialect'
import { createPool } from './pool'
import { createReach } from './reach'

/** Versions from which on all that is asked for is there. */
const OLDEST = 130_000

/**
 * Connects to PostgreSQL and brings its schema up to date. Several servers may do so at once: one does it, the others wait.
 *
 * What is committed is on its disk, as PostgreSQL is set by default; a connection that would not wait for that is told to. What was erased
 * is out of every answer at once; its bytes go as PostgreSQL uses their place again, and with its old write-ahead log.
 *
 * @param url `postgres://user:password@host:port/database`
 * @throws CannotStart when it cannot be reached, is too old or a newer Lastra's, or a migration fails
 */
export async function openPostgres(url: string, { onUpgrade, onFault, connections = 10 }: DatabaseOptions): Promise<DatabaseHandle> {
  const reach = createReach(onFault)
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({
      pool: createPool(url, connections, reach),
      // Acked means on disk (LOG-2).
      onCreateConnection: async (connection) => {
        const always = sql`select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'`
        await connection.executeQuery(always.compile(db))
      },
    }),
  })
  try {
    await prepare(db, nameOf(url), onUpgrade)
  } catch (error) {
    await db.destroy().catch(() => undefined)
    throw error
  }
  return {
    db,
    dialect: createPostgresDialect(db),
    purge: async () => undefined,
    fault: reach.fault,
    async probe() {
      await sql`select 1`.execute(db).catch(() => undefined)
    },
    close: () => db.destroy(),
  }
}

async function prepare(db: Kysely<Database>, name: string, onUpgrade?: (step: string) => void): Promise<void> {
  try {
    const { rows: [version] } = await sql<{ number: number, encoding: string }>`
      select current_setting('server_version_num')::int as number, current_setting('server_encoding') as encoding`.execute(db)
    if (!version || version.number < OLDEST) throw new CannotStart(`${name} is older than PostgreSQL ${OLDEST / 10_000}: update it`)
    if (version.encoding !== 'UTF8') throw new CannotStart(`${name} is encoded in ${version.encoding}: create a database with the encoding UTF8`)
  } catch (error) {
    if (error instanceof CannotStart) throw error
    const cause = error instanceof StorageUnavailable ? error.cause : error
    throw new CannotStart(`${name} cannot be used (${messageOf(cause)}): look at PostgreSQL, the network, and NUXT_DATABASE_URL`, { cause: error })
  }
  const hasPast = (await sql<{ there: boolean }>`select to_regclass('users') is not null as there`.execute(db)).rows[0]?.there === true
  const migrator = new Migrator({ db, provider: migrationsFor('postgres', hasPast ? onUpgrade : undefined), allowUnorderedMigrations: true })
  const { error } = await migrator.migrateToLatest()
  if (!error) return
  if (/previously executed migration/.test(String(error))) {
    throw new CannotStart(`${name} was made by a newer Lastra: start that one, or restore the backup of before its update`, { cause: error })
  }
  throw new CannotStart(`${name} could not be brought up to date (${messageOf(error)}): nothing was changed`, { cause: error })
}

/** The database as it may be shown: without who, and without a password. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return 'the database of NUXT_DATABASE_URL'
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}

/** Several addresses of one name may each have refused. */
function messageOf(error: unknown): string {
  const { message, errors, code } = error as { message?: string, errors?: { message?: string }[], code?: string }
  return message || errors?.[0]?.message || code || String(error)
}
