import { sql } from 'kysely'
import type { Kysely, Migration } from 'kysely'

/** The rooms listed for everyone, found without looking at all the others. When they were spoken in last stays out of it: that changes with each message. */
export const listedRooms: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('rooms_listed').on('rooms').column('org_id').where(sql.ref('listed'), '=', sql.lit(1)).execute()
  },
}
