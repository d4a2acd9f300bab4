import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

const COLUMNS = sql.raw(`n, id, room_id, seq, user_id, user_name, client_msg_id, text, content_type, actor_type, format, thread_id, in_reply_to,
  attachments, metadata, state, edited_at, created_at`)

/**
 * A message is written once and into few pages.
 *
 * - `entries` keeps what is not a message; `log` shows both, in one order.
 * - The index on `client_msg_id` begins with it: ids that begin with the time, as Lastra's clients make them, all go to its end.
 * - The search index is filled by the server in batches; `search_progress` says how far it is.
 *
 * SQLite cannot change a table's constraints, so the messages move into a new one with their `n`, which the search index refers to.
 */
export const leanLog: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('messages_next')
      .addColumn('n', 'integer', c => c.primaryKey().autoIncrement())
      .addColumn('id', 'text', c => c.notNull().unique())
      .addColumn('room_id', 'text', c => c.notNull().references('rooms.id'))
      .addColumn('seq', 'integer', c => c.notNull())
      .addColumn('user_id', 'text', c => c.notNull())
      .addColumn('user_name', 'text', c => c.notNull())
      .addColumn('client_msg_id', 'text')
      .addColumn('text', 'text', c => c.notNull())
      .addColumn('content_type', 'text', c => c.notNull())
      .addColumn('actor_type', 'text', c => c.notNull())
      .addColumn('format', 'text', c => c.notNull())
      .addColumn('thread_id', 'text')
      .addColumn('in_reply_to', 'text')
      .addColumn('attachments', 'text')
      .addColumn('metadata', 'text', c => c.notNull())
      .addColumn('state', 'text', c => c.notNull())
      .addColumn('edited_at', 'text')
      .addColumn('created_at', 'text', c => c.notNull())
      .addUniqueConstraint('messages_room_seq', ['room_id', 'seq'])
      // Idempotence rests on this index, not on code: a repeated client_msg_id cannot be stored twice (LOG-4).
      .addUniqueConstraint('messages_client_msg_id', ['client_msg_id', 'user_id', 'room_id'])
      .execute()
    await sql`insert into messages_next (${COLUMNS}) select ${COLUMNS} from messages order by n`.execute(db)
    await sql`drop table messages`.execute(db)
    await sql`alter table messages_next rename to messages`.execute(db)
    await sql`delete from entries where type = 'message.new'`.execute(db)
    // The casts give the constants the affinity of the columns below them: only then does SQLite merge the two by their indexes
    // instead of sorting the whole room (flattenSubquery in its select.c, restriction 17h).
    await sql`create view log as
      select room_id, seq, cast('message.new' as text) as type, id as message_id, user_id, cast('{}' as text) as payload, created_at from messages
      union all select room_id, seq, type, message_id, user_id, payload, created_at from entries`.execute(db)
    await followSearch(db)
  },
}

/** What the index has is kept true by triggers: it must forget a text that is erased with it (LOG-5). */
async function followSearch(db: Kysely<unknown>): Promise<void> {
  await db.schema.createTable('search_progress').addColumn('indexed', 'integer', c => c.notNull()).execute()
  await sql`insert into search_progress (indexed) select coalesce(max(n), 0) from messages`.execute(db)
  await sql`create trigger messages_search_update after update of text on messages when old.n <= (select indexed from search_progress) begin
    insert into message_search(message_search, rowid, room_id, text) values ('delete', old.n, old.room_id, old.text);
    insert into message_search(rowid, room_id, text) values (new.n, new.room_id, new.text); end`.execute(db)
  await sql`create trigger messages_search_delete after delete on messages when old.n <= (select indexed from search_progress) begin
    insert into message_search(message_search, rowid, room_id, text) values ('delete', old.n, old.room_id, old.text); end`.execute(db)
}
