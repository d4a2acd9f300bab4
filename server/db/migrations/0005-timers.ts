import type { Kysely, Migration } from 'kysely'

/** Timers that bots keep for people in rooms: a row goes when its end was said. */
export const timers: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('timers')
      .addColumn('id', 'text', c => c.primaryKey())
      .addColumn('room_id', 'text', c => c.notNull().references('rooms.id'))
      .addColumn('bot', 'text', c => c.notNull())
      .addColumn('user_id', 'text', c => c.notNull())
      .addColumn('label', 'text', c => c.notNull())
      .addColumn('due_at', 'integer', c => c.notNull())
      .execute()
  },
}
