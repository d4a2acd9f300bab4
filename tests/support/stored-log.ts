import SQLite from 'better-sqlite3'
import { Client } from 'pg'

/** An entry as it stands in the database; a message's own fields where it is one. */
export interface StoredEntry {
  seq: number
  type: string
  messageId: string | null
}

/** A message as it stands in the database. */
export interface StoredMessage {
  seq: number
  messageId: string
  userId: string
  clientMsgId: string | null
  text: string
  /** Whether its text is still the one it was sent with. */
  untouched: boolean
}

/** One room's log in the database. */
export interface StoredRoom {
  name: string
  head: number
  floor: number
  /** In `seq` order. */
  entries: StoredEntry[]
  /** In `seq` order. */
  messages: StoredMessage[]
}

const ROOMS = 'select id, name, head, floor from rooms'
const ENTRIES = 'select room_id, seq, type, message_id as "messageId" from log order by seq'
const MESSAGES = `select room_id, seq, id as "messageId", user_id as "userId", client_msg_id as "clientMsgId", text,
  state = 'live' and edited_at is null as untouched from messages order by seq`

type Rows = Record<string, unknown>[]

/**
 * Reads the logs of all rooms from a server's database, past the server: what it says of itself proves nothing.
 *
 * @param file the embedded database; the server may be running, stopped or killed
 */
export function readStoredRooms(file: string): Map<string, StoredRoom> {
  return collect(ofSqlite(file))
}

/** The same of either engine. @param target a file, or the address of a database of PostgreSQL */
export async function readStored(target: string): Promise<Map<string, StoredRoom>> {
  return collect(target.startsWith('postgres://') ? await ofPostgres(target) : ofSqlite(target))
}

function collect([rooms = [], entries = [], messages = []]: Rows[]): Map<string, StoredRoom> {
  const byId = new Map<unknown, StoredRoom>()
  for (const { id, name, head, floor } of rooms) byId.set(id, { name: String(name), head: Number(head), floor: Number(floor), entries: [], messages: [] })
  for (const { room_id, seq, ...entry } of entries) byId.get(room_id)?.entries.push({ ...entry, seq: Number(seq) } as StoredEntry)
  for (const { room_id, seq, untouched, ...message } of messages) {
    byId.get(room_id)?.messages.push({ ...message, seq: Number(seq), untouched: Boolean(untouched) } as StoredMessage)
  }
  return new Map([...byId.values()].map(room => [room.name, room]))
}

/** One moment for all reads. */
function ofSqlite(file: string): Rows[] {
  const db = new SQLite(file, { readonly: true, fileMustExist: true })
  try {
    return db.transaction(() => [ROOMS, ENTRIES, MESSAGES].map(sql => db.prepare<[], Record<string, unknown>>(sql).all()))()
  } finally {
    db.close()
  }
}

async function ofPostgres(url: string): Promise<Rows[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read')
    const read: Rows[] = []
    for (const sql of [ROOMS, ENTRIES, MESSAGES]) read.push((await client.query<Record<string, unknown>>(sql)).rows)
    return read
  } finally {
    await client.end()
  }
}
