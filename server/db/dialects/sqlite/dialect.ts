import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Dialect, Phrase } from '..'
import type { Database, MessageRow } from '../../schema'
import { SearchIndex } from './search-index'

/** The embedded engine: one process, one connection, and its words in FTS5. */
export const sqliteDialect: Dialect = {
  name: 'sqlite',
  // Whoever writes holds the whole database.
  hold: async () => undefined,
  async deleteSome(trx, table, roomId, limit) {
    const { numAffectedRows } = await sql`delete from ${sql.table(table)} where rowid in
      (select rowid from ${sql.table(table)} where room_id = ${roomId} limit ${limit})`.execute(trx)
    return Number(numAffectedRows ?? 0) > 0
  },
  words: {
    find,
    // They follow the log at a distance.
    put: async () => undefined,
    keeper: (db, onError) => new SearchIndex(db, onError),
  },
  isPassing: () => false,
}

/**
 * The cross join keeps SQLite to the order given: from the words to their messages, never from each message of the room to the words; and
 * of the words only those after what was cleared.
 */
async function find(db: Kysely<Database>, { id, floor }: { id: string, floor: number }, phrases: readonly Phrase[], limit: number): Promise<MessageRow[]> {
  const query = `room_id : "${id}" AND words : (${searchExpression(phrases)})`
  const cleared = floor === 0
    ? undefined
    : await db.selectFrom('messages').select('n').where('room_id', '=', id).where('seq', '<=', floor).orderBy('seq', 'desc').limit(1).executeTakeFirst()
  const { rows } = await sql<MessageRow>`
    select m.* from message_search s cross join messages m on m.n = s.rowid
    where message_search match ${query} and s.rowid > ${cleared?.n ?? 0} and m.room_id = ${id} and m.state = 'live' and m.seq > ${floor}
    order by s.rowid desc limit ${limit}`.execute(db)
  return rows
}

/** What is asked for as an expression of FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax). */
export function searchExpression(phrases: readonly Phrase[]): string {
  return `${phrases.map(words => `"${words.join(' ')}"`).join(' AND ')} *`
}
