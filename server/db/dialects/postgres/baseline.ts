import { sql } from 'kysely'
import type { CreateTableBuilder, Kysely, Migration } from 'kysely'

/** Text is compared by its bytes, as SQLite does: times and ids are ordered the same on both, whatever the database's own language. */
const TEXT = sql`text collate "C"`

/** The words of a message and its room's id, as one word more: so a word that is common in other rooms costs nothing. */
export const WORDS = sql.raw(`array_to_tsvector(array_append(string_to_array(words, ' '), '~' || room_id))`)

type Columns = Record<string, 'id' | 'text' | 'text?' | 'number' | 'flag'>

/**
 * The schema as SQLite has it after its migrations up to `0015-room-addresses`, from which on both have the same ones. What is in the log
 * refers to no room: a row of a room that is being written to would be locked for each.
 */
export const baseline: Migration = {
  async up(db: Kysely<unknown>) {
    await table(db, 'organisations', { id: 'id', name: 'text', created_at: 'text' }).execute()
    await table(db, 'users', { id: 'id', org_id: 'text', name: 'text', role: 'text', created_at: 'text' })
      .addForeignKeyConstraint('users_org', ['org_id'], 'organisations', ['id']).execute()
    await table(db, 'rooms', {
      id: 'id', org_id: 'text', name: 'text', title: 'text', kind: 'text', epoch: 'text', head: 'number', floor: 'number', locked: 'flag', listed: 'flag',
      created_by: 'text', created_at: 'text', last_at: 'text?', bytes: 'number', call_since: 'text?', parent_id: 'text?',
    }).addForeignKeyConstraint('rooms_org', ['org_id'], 'organisations', ['id']).addUniqueConstraint('rooms_org_name', ['org_id', 'name']).execute()
    await table(db, 'room_members', { room_id: 'text', user_id: 'text', role: 'text', muted: 'flag', removed: 'flag', joined_at: 'text' })
      .addPrimaryKeyConstraint('room_members_pk', ['room_id', 'user_id']).execute()
    await table(db, 'messages', {
      id: 'id', room_id: 'text', seq: 'number', user_id: 'text', user_name: 'text', client_msg_id: 'text?', text: 'text', content_type: 'text',
      actor_type: 'text', format: 'text', thread_id: 'text?', in_reply_to: 'text?', attachments: 'text?', metadata: 'text', state: 'text', edited_at: 'text?',
      created_at: 'text',
    }).addColumn('n', 'bigint', c => c.generatedAlwaysAsIdentity().unique())
      .addUniqueConstraint('messages_room_seq', ['room_id', 'seq'])
      // Idempotence rests on this index, not on code: a repeated client_msg_id cannot be stored twice (LOG-4).
      .addUniqueConstraint('messages_client_msg_id', ['client_msg_id', 'user_id', 'room_id']).execute()
    await table(db, 'entries', { room_id: 'text', seq: 'number', type: 'text', message_id: 'text?', user_id: 'text', payload: 'text', created_at: 'text' })
      .addPrimaryKeyConstraint('entries_pk', ['room_id', 'seq']).execute()
    await table(db, 'reactions', { message_id: 'text', emoji: 'text', user_id: 'text', created_at: 'text' })
      .addPrimaryKeyConstraint('reactions_pk', ['message_id', 'emoji', 'user_id']).execute()
    await table(db, 'erasures', { room_id: 'id', done: 'number' }).execute()
    await table(db, 'audit', { org_id: 'text', room_id: 'text?', user_id: 'text', action: 'text', detail: 'text', created_at: 'text' })
      .addColumn('id', 'bigint', c => c.generatedAlwaysAsIdentity().primaryKey()).execute()
    await table(db, 'settings', { key: 'id', value: 'text', updated_by: 'text', updated_at: 'text' }).execute()
    await table(db, 'personas', { org_id: 'text', id: 'text', version: 'number', settings: 'text', created_by: 'text', created_at: 'text' })
      .addPrimaryKeyConstraint('personas_pk', ['org_id', 'id', 'version']).execute()
    await table(db, 'room_bots', { room_id: 'text', bot: 'text', enabled: 'flag' }).addPrimaryKeyConstraint('room_bots_pk', ['room_id', 'bot']).execute()
    await table(db, 'ai_streams', {
      id: 'id', room_id: 'text', bot: 'text', bot_name: 'text', engine: 'text', model: 'text?', user_id: 'text', in_reply_to: 'text?', text: 'text',
      started_at: 'text',
    }).execute()
    await table(db, 'agent_sessions', { id: 'id', room_id: 'text', org_id: 'text', user_id: 'text', agent: 'text', pinned: 'flag', archived: 'flag' })
      .addUniqueConstraint('agent_sessions_room', ['room_id']).execute()
    await table(db, 'timers', { id: 'id', room_id: 'text', bot: 'text', user_id: 'text', label: 'text', due_at: 'number' }).execute()
    await table(db, 'room_calls', { room_id: 'text', started_at: 'text', started_by: 'text', starter_name: 'text', ended_at: 'text?' })
      .addPrimaryKeyConstraint('room_calls_key', ['room_id', 'started_at']).execute()
    await table(db, 'sessions', { id: 'id', user_id: 'text', created_at: 'text', last_at: 'text', expires_at: 'number', revoked_at: 'text?' }).execute()
    await sql`create view log as
      select room_id, seq, 'message.new'::text as type, id as message_id, user_id, '{}'::text as payload, created_at from messages
      union all select room_id, seq, type, message_id, user_id, payload, created_at from entries`.execute(db)
    await indexes(db)
    await words(db)
  },
}

async function indexes(db: Kysely<unknown>): Promise<void> {
  const index = (name: string, on: string, columns: string, where?: string) =>
    sql.raw(`create index ${name} on ${on} (${columns})${where === undefined ? '' : ` where ${where}`}`).execute(db)
  await index('room_members_user', 'room_members', 'user_id')
  await index('agent_sessions_user', 'agent_sessions', 'user_id, archived')
  await index('rooms_listed', 'rooms', 'org_id', 'listed = 1')
  await index('rooms_in_call', 'rooms', 'id', 'call_since is not null')
  await index('rooms_of_parent', 'rooms', 'parent_id', 'parent_id is not null')
  await index('sessions_of_user', 'sessions', 'user_id, last_at')
  await index('sessions_by_end', 'sessions', 'expires_at')
  await index('entries_told', 'entries', 'room_id, seq', `type in ('clear', 'bot-toggle', 'room.updated')`)
}

/**
 * The words of what is said, as the server made them: they stand beside the text and go with it. The list of what the index has not taken
 * in yet is kept short, for whoever fills it has to empty it (https://www.postgresql.org/docs/15/gin-implementation.html).
 */
async function words(db: Kysely<unknown>): Promise<void> {
  await table(db, 'message_words', { message_id: 'id', room_id: 'text', words: 'text' }).execute()
  await sql`create index message_words_search on message_words using gin ((${WORDS})) with (gin_pending_list_limit = 512)`.execute(db)
  await sql`create function forget_words() returns trigger language plpgsql as
    'begin delete from message_words where message_id = old.id; return null; end'`.execute(db)
  await sql`create trigger messages_deleted after delete on messages for each row execute function forget_words()`.execute(db)
  await sql`create trigger messages_text after update of text on messages for each row when (old.text <> new.text) execute function forget_words()`.execute(db)
  await table(db, 'search_progress', { indexed: 'number', since: 'number', rule: 'text' }).execute()
  await sql`insert into search_progress (rule) values ('')`.execute(db)
}

function table(db: Kysely<unknown>, name: string, columns: Columns): CreateTableBuilder<string, string> {
  return Object.entries(columns).reduce<CreateTableBuilder<string, string>>((made, [column, kind]) => {
    switch (kind) {
      case 'id': return made.addColumn(column, TEXT, c => c.primaryKey())
      case 'text': return made.addColumn(column, TEXT, c => c.notNull())
      case 'text?': return made.addColumn(column, TEXT)
      case 'number': return made.addColumn(column, 'bigint', c => c.notNull().defaultTo(0))
      case 'flag': return made.addColumn(column, 'smallint', c => c.notNull().defaultTo(0))
    }
  }, db.schema.createTable(name))
}
