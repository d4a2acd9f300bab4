import type { Kysely, Migration } from 'kysely'

/**
 * What was cleared or dropped and still has to be erased, a piece at a time: `done` is the `seq` up to which it is. And how many bytes
 * a room keeps, counted from now on.
 */
export const erasures: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('erasures')
      .addColumn('room_id', 'text', c => c.primaryKey().references('rooms.id'))
      .addColumn('done', 'integer', c => c.notNull())
      .execute()
    await db.schema.alterTable('rooms').addColumn('bytes', 'integer', c => c.notNull().defaultTo(0)).execute()
  },
}
