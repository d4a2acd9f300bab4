import type { Kysely, Migration } from 'kysely'

/** Personas with all their versions, which of them speak in which room, and answers on their way. */
export const bots: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('personas')
      .addColumn('org_id', 'text', c => c.notNull().references('organisations.id'))
      .addColumn('id', 'text', c => c.notNull())
      .addColumn('version', 'integer', c => c.notNull())
      .addColumn('settings', 'text', c => c.notNull())
      .addColumn('created_by', 'text', c => c.notNull())
      .addColumn('created_at', 'text', c => c.notNull())
      .addPrimaryKeyConstraint('personas_pk', ['org_id', 'id', 'version'])
      .execute()
    await db.schema.createTable('room_bots')
      .addColumn('room_id', 'text', c => c.notNull().references('rooms.id'))
      .addColumn('bot', 'text', c => c.notNull())
      .addColumn('enabled', 'integer', c => c.notNull())
      .addPrimaryKeyConstraint('room_bots_pk', ['room_id', 'bot'])
      .execute()
    await db.schema.createTable('ai_streams')
      .addColumn('id', 'text', c => c.primaryKey())
      .addColumn('room_id', 'text', c => c.notNull().references('rooms.id'))
      .addColumn('bot', 'text', c => c.notNull())
      .addColumn('bot_name', 'text', c => c.notNull())
      .addColumn('engine', 'text', c => c.notNull())
      .addColumn('model', 'text')
      .addColumn('user_id', 'text', c => c.notNull())
      .addColumn('in_reply_to', 'text')
      .addColumn('text', 'text', c => c.notNull())
      .addColumn('started_at', 'text', c => c.notNull())
      .execute()
  },
}
