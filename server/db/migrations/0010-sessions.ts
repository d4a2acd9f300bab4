import type { Kysely, Migration } from 'kysely'

/** Where people are signed in: a row for each sign-in, so that one can be ended without the others. Times in `expires_at` are milliseconds. */
export const sessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('sessions')
      .addColumn('id', 'text', c => c.primaryKey())
      .addColumn('user_id', 'text', c => c.notNull().references('users.id'))
      .addColumn('created_at', 'text', c => c.notNull())
      .addColumn('last_at', 'text', c => c.notNull())
      .addColumn('expires_at', 'bigint', c => c.notNull())
      .addColumn('revoked_at', 'text')
      .execute()
    await db.schema.createIndex('sessions_of_user').on('sessions').columns(['user_id', 'last_at']).execute()
    await db.schema.createIndex('sessions_by_end').on('sessions').column('expires_at').execute()
  },
}
