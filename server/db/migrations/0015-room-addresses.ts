import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** Rooms of a kind without names are addressed by `~` and their id (ACC-1), and a room may be the child of another (ACC-4). */
export const roomAddresses: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`update rooms set name = '~' || id where kind = 'agent'`.execute(db)
    await db.schema.alterTable('rooms').addColumn('parent_id', 'text').execute()
    await db.schema.createIndex('rooms_of_parent').on('rooms').column('parent_id').where(sql.ref('parent_id'), 'is not', null).execute()
  },
}
