import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** Since when a room's call is on, and the calls it has had: each once, whatever restarts. */
export const calls: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('rooms').addColumn('call_since', 'text').execute()
    await db.schema.createIndex('rooms_in_call').on('rooms').column('id').where(sql.ref('call_since'), 'is not', null).execute()
    await db.schema.createTable('room_calls')
      .addColumn('room_id', 'text', column => column.notNull())
      .addColumn('started_at', 'text', column => column.notNull())
      .addColumn('started_by', 'text', column => column.notNull())
      .addColumn('starter_name', 'text', column => column.notNull())
      .addColumn('ended_at', 'text')
      .addPrimaryKeyConstraint('room_calls_key', ['room_id', 'started_at'])
      .execute()
  },
}
