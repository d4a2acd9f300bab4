import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** Since when a room's call is on, so that its start and its end stand in the log once each. */
export const calls: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('rooms').addColumn('call_since', 'text').execute()
    await db.schema.createIndex('rooms_in_call').on('rooms').column('id').where(sql.ref('call_since'), 'is not', null).execute()
  },
}
