import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import type { Database, NewMessage, RoomRow } from '../db/schema'
import { DROPPED } from '../rooms/kinds'
import { ListTemplate, named, nameOf } from '../db/template'

/** Where a room's log stands. */
export type RoomState = Pick<RoomRow, 'id' | 'name' | 'org_id' | 'head' | 'floor' | 'last_at' | 'bytes'>

/** A message that is there already, under the id its author's client gave it. */
export interface StoredMessage {
  room_id: string
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

/** What every transaction of the log runs, for all its rooms at once, built once (LOG-1 … LOG-4). */
export interface LogStatements {
  /** Where rooms stand; one that does not exist is left out. */
  rooms: (trx: Transaction<Database>, roomIds: readonly string[]) => Promise<RoomState[]>
  /** Those of the messages that are stored already (LOG-4). */
  stored: (trx: Transaction<Database>, messages: readonly ClientMessage[]) => Promise<StoredMessage[]>
  insertMessages: (trx: Transaction<Database>, rows: readonly NewMessage[]) => Promise<unknown>
  /** Writes where rooms stand now. */
  advance: (trx: Transaction<Database>, rooms: readonly Advance[]) => Promise<unknown>
}

type Advance = Pick<RoomState, 'id' | 'head' | 'floor' | 'last_at' | 'bytes'>
type NewMessageRow = Required<Omit<NewMessage, 'n'>>

const MESSAGE_COLUMNS: readonly (keyof NewMessageRow)[] = [
  'id', 'room_id', 'seq', 'user_id', 'user_name', 'client_msg_id', 'text', 'content_type', 'actor_type', 'format', 'thread_id', 'in_reply_to',
  'attachments', 'metadata', 'state', 'edited_at', 'created_at',
]

export function createLogStatements(db: Kysely<Database>): LogStatements {
  const rooms = new ListTemplate<{ id: string }, RoomState>(items => db.selectFrom('rooms')
    .select(['id', 'name', 'org_id', 'head', 'floor', 'last_at', 'bytes']).where('id', 'in', items.map(n => nameOf(n, 'id'))).where('kind', '!=', sql.lit(DROPPED)))
  // Each message by all three columns of the index: lists of users and ids would look for every pair of them.
  const stored = new ListTemplate<ClientMessage, StoredMessage>(items => db.selectFrom('messages').select(['room_id', 'user_id', 'client_msg_id', 'seq', 'id', 'created_at'])
    .where(eb => eb.or(items.map(n => eb.and(named<ClientMessage>(n, ['room_id', 'user_id', 'client_msg_id']))))))
  const messages = new ListTemplate<NewMessage, unknown>(items => db.insertInto('messages').values(items.map(n => named<NewMessage>(n, MESSAGE_COLUMNS))))
  const advance = new ListTemplate<Advance, unknown>(items => advanceQuery(db, items))
  return {
    rooms: (trx, roomIds) => rooms.run(trx, roomIds.map(id => ({ id }))),
    stored: (trx, list) => stored.run(trx, list),
    insertMessages: (trx, rows) => messages.run(trx, rows),
    advance: (trx, list) => advance.run(trx, list),
  }
}

/** One update for several rooms: `column1` … are what both SQLite and PostgreSQL call the columns of a list of values. */
function advanceQuery(db: Kysely<Database>, items: readonly number[]) {
  const values = items.map((n) => {
    const { id, head, floor, last_at, bytes } = named<Record<keyof Advance, string>>(n, ['id', 'head', 'floor', 'last_at', 'bytes'])
    return sql`(${id}, ${head}, ${floor}, ${last_at}, ${bytes})`
  })
  const query = sql<unknown>`update rooms set head = cast(v.column2 as bigint), floor = cast(v.column3 as bigint), last_at = v.column4,
      bytes = cast(v.column5 as bigint)
    from (values ${sql.join(values)}) as v where rooms.id = v.column1`
  return { compile: () => query.compile(db) }
}
