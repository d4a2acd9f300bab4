import { sql } from 'kysely'
import type { Kysely } from 'kysely'

/**
 * The table of words, on SQLite's FTS5: it holds the words that the server made of each text (`search_words`, a function of the
 * connection) and takes them as they are; the room is one of them, so that a common word in other rooms costs nothing. `secure-delete`
 * makes it forget an erased text at once instead of at its next merge (LOG-5). Made anew, it is empty, and is filled by the server
 * from the newest message backwards.
 */
export async function createSearchTable(db: Kysely<unknown>): Promise<void> {
  for (const trigger of ['insert', 'update', 'delete']) await sql`drop trigger if exists ${sql.ref(`messages_search_${trigger}`)}`.execute(db)
  await sql`drop table if exists message_search`.execute(db)
  await sql`create virtual table message_search using fts5(room_id, words, content='', columnsize=0, tokenize='ascii tokenchars ''.@#+%$''')`.execute(db)
  await sql`insert into message_search(message_search, rank) values('secure-delete', 1)`.execute(db)
  // What the index has is kept true by triggers: it must forget a text that is erased with it.
  const had = sql`old.text <> '' and exists (select 1 from search_progress where old.n > since and old.n <= indexed)`
  const forget = sql`insert into message_search(message_search, rowid, room_id, words) values ('delete', old.n, old.room_id, search_words(old.text))`
  await sql`create trigger messages_search_update after update of text on messages when ${had} begin
    ${forget};
    insert into message_search(rowid, room_id, words) select new.n, new.room_id, search_words(new.text) where new.text <> ''; end`.execute(db)
  await sql`create trigger messages_search_delete after delete on messages when ${had} begin
    ${forget}; end`.execute(db)
}
