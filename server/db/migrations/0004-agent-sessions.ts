import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** Sessions with agents, each a room of its own, and a search index that follows when messages are deleted with their room. */
export const agentSessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('agent_sessions')
      .addColumn('id', 'text', c => c.primaryKey())
      .addColumn('room_id', 'text', c => c.notNull().unique().references('rooms.id'))
      .addColumn('org_id', 'text', c => c.notNull().references('organisations.id'))
      .addColumn('user_id', 'text', c => c.notNull().references('users.id'))
      .addColumn('agent', 'text', c => c.notNull())
      .addColumn('pinned', 'integer', c => c.notNull().defaultTo(0))
      .addColumn('archived', 'integer', c => c.notNull().defaultTo(0))
      .execute()
    await db.schema.createIndex('agent_sessions_user').on('agent_sessions').columns(['user_id', 'archived']).execute()
    await sql`create trigger messages_search_delete after delete on messages begin
      insert into message_search(message_search, rowid, room_id, text) values ('delete', old.n, old.room_id, old.text); end`.execute(db)
  },
}
