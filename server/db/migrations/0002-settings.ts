import type { Kysely, Migration } from 'kysely'

/** What administrators set at run time. */
export const settings: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('settings')
      .addColumn('key', 'text', c => c.primaryKey())
      .addColumn('value', 'text', c => c.notNull())
      .addColumn('updated_by', 'text', c => c.notNull())
      .addColumn('updated_at', 'text', c => c.notNull())
      .execute()
  },
}
