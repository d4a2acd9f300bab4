import type { Kysely, Migration } from 'kysely'

/** Which node works on what is begun, and which nodes live: `lease_until` is milliseconds since 1970. */
export const leases: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('nodes')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('lease_until', 'bigint', column => column.notNull())
      .execute()
    await db.schema.alterTable('ai_streams').addColumn('owner', 'text').execute()
    await db.schema.alterTable('timers').addColumn('owner', 'text').execute()
    await db.schema.createIndex('timers_due').on('timers').column('due_at').execute()
  },
}
