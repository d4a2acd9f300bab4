import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'
import { WORD_RULE } from '../../log/words'
import { createSearchTable } from '../dialects/sqlite/search-table'

/**
 * Search in every script: the words are the server's own. The index starts empty: what was said from now on goes into it as before
 * (`indexed` upwards), what was said earlier follows behind (`since` downwards), a piece at a time.
 */
export const searchWords: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('search_progress').addColumn('since', 'integer', c => c.notNull().defaultTo(0)).execute()
    await db.schema.alterTable('search_progress').addColumn('rule', 'text', c => c.notNull().defaultTo('')).execute()
    await createSearchTable(db)
    await sql`update search_progress set rule = ${WORD_RULE}, indexed = (select coalesce(max(n), 0) from messages), since = (select coalesce(max(n), 0) from messages)`.execute(db)
  },
}
