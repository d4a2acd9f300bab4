import type { Kysely, Transaction } from 'kysely'
import type { Database, EntryRow, NewMessage, RoomRow } from '../db/schema'
import { ListTemplate, Template, nameOf } from '../db/template'

/** A message that is there already, under the id its author's client gave it. */
export interface StoredMessage {
  user_id: string
  client_msg_id: string | null
  seq: number
  id: string
  created_at: string
}

/** One client's id for a message. */
export interface ClientMessage {
  room_id: string
  user_id: string
  client_msg_id: string
}

/** What every appended message runs, built once (LOG-1 … LOG-4). */
export interface LogStatements {
  /** Where a room stands. */
  room: (trx: Transaction<Database>, roomId: string) => Promise<Pick<RoomRow, 'name' | 'org_id' | 'head' | 'floor' | 'last_at'> | undefined>
  /** Those of the messages that are stored already (LOG-4). */
  stored: (trx: Transaction<Database>, messages: readonly ClientMessage[]) => Promise<StoredMessage[]>
  insertMessages: (trx: Transaction<Database>, rows: readonly NewMessage[]) => Promise<unknown>
  insertEntries: (trx: Transaction<Database>, rows: readonly EntryRow[]) => Promise<unknown>
  /** Writes where a room stands now. */
  advance: (trx: Transaction<Database>, room: Pick<RoomRow, 'id' | 'head' | 'floor' | 'last_at'>) => Promise<unknown>
}

type NewMessageRow = Required<Omit<NewMessage, 'n'>>

/** The names of a row's fields where its values would be. */
function named<T extends object>(item: number, columns: readonly (keyof T & string)[]): T {
  return Object.fromEntries(columns.map(column => [column, nameOf(item, column)])) as T
}

const MESSAGE_COLUMNS: readonly (keyof NewMessageRow)[] = [
  'id', 'room_id', 'seq', 'user_id', 'user_name', 'client_msg_id', 'text', 'content_type', 'actor_type', 'format', 'thread_id', 'in_reply_to',
  'attachments', 'metadata', 'state', 'edited_at', 'created_at',
]
const ENTRY_COLUMNS: readonly (keyof EntryRow)[] = ['room_id', 'seq', 'type', 'message_id', 'user_id', 'payload', 'created_at']

export function createLogStatements(db: Kysely<Database>): LogStatements {
  const room = new Template(db.selectFrom('rooms').select(['name', 'org_id', 'head', 'floor', 'last_at']).where('id', '=', 'id'))
  // Each message by all three columns of the index: lists of users and ids would look for every pair of them.
  const stored = new ListTemplate<ClientMessage, StoredMessage>(items => db.selectFrom('messages').select(['user_id', 'client_msg_id', 'seq', 'id', 'created_at'])
    .where(eb => eb.or(items.map(n => eb.and(named<ClientMessage>(n, ['room_id', 'user_id', 'client_msg_id']))))))
  const messages = new ListTemplate<NewMessage, unknown>(items => db.insertInto('messages').values(items.map(n => named<NewMessage>(n, MESSAGE_COLUMNS))))
  const entries = new ListTemplate<EntryRow, unknown>(items => db.insertInto('entries').values(items.map(n => named<EntryRow>(n, ENTRY_COLUMNS))))
  const advance = new Template(db.updateTable('rooms').set(named<Pick<RoomRow, 'head' | 'floor' | 'last_at'>>(0, ['head', 'floor', 'last_at'])).where('id', '=', nameOf(0, 'id')))
  return {
    room: async (trx, roomId) => (await room.run(trx, () => roomId)).rows[0],
    stored: (trx, list) => stored.run(trx, list),
    insertMessages: (trx, rows) => messages.run(trx, rows),
    insertEntries: (trx, rows) => entries.run(trx, rows),
    advance: (trx, values) => advance.run(trx, name => values[name.slice(2) as keyof typeof values]),
  }
}
