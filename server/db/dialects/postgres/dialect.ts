import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Dialect } from '..'
import type { Database } from '../../schema'
import { createSay } from './say'
import { words } from './words'

/** Two who waited for each other, of whom this one gave way; and one who read what another changed. */
const PASSING = new Set(['40P01', '40001'])

/** PostgreSQL: many nodes at once, each statement a journey. */
export function createPostgresDialect(db: Kysely<Database>): Dialect {
  return {
    name: 'postgres',
    async hold(trx, roomIds) {
      await sql`select id from rooms where id = any(${[...roomIds]}) order by id for update`.execute(trx)
    },
    async deleteSome(trx, table, roomId, limit) {
      const { numAffectedRows } = await sql`delete from ${sql.table(table)} where ctid = any(array(
        select ctid from ${sql.table(table)} where room_id = ${roomId} limit ${limit}))`.execute(trx)
      return Number(numAffectedRows ?? 0) > 0
    },
    words,
    say: createSay(db),
    isPassing: error => PASSING.has(String((error as { code?: unknown }).code)),
  }
}
