import type { Kysely, Migration } from 'kysely'

/** The places of calls, where several nodes give them: as many rows of a room as there are places, each of one peer and of the node it is on. */
export const callPlaces: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('call_places')
      .addColumn('room_id', 'text', column => column.notNull())
      .addColumn('slot', 'integer', column => column.notNull())
      .addColumn('peer_id', 'text', column => column.notNull())
      .addColumn('node', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('call_places_key', ['room_id', 'slot'])
      .execute()
  },
}
