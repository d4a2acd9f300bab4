import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** What a room's system lines are read from, found without looking at its edits and reactions. */
export const toldEntries: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`create index entries_told on entries (room_id, seq) where type in ('clear', 'bot-toggle', 'room.updated')`.execute(db)
  },
}
