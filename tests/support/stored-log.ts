import SQLite from 'better-sqlite3'

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

/**
 * Reads the logs of all rooms from a server's database file, past the server: what it says of itself proves nothing.
 *
 * @param file the database; the server may be running, stopped or killed
 */
export function readStoredRooms(file: string): Map<string, StoredRoom> {
  const db = new SQLite(file, { readonly: true, fileMustExist: true })
  try {
    // One moment for all four reads.
    return db.transaction(() => read(db))()
  } finally {
    db.close()
  }
}

function read(db: SQLite.Database): Map<string, StoredRoom> {
  const rooms = new Map<string, StoredRoom>()
  for (const { id, name, head, floor } of db.prepare<[], { id: string, name: string, head: number, floor: number }>('select id, name, head, floor from rooms').all()) {
    rooms.set(name, {
      name, head, floor,
      entries: db.prepare<[string], StoredEntry>('select seq, type, message_id as messageId from log where room_id = ? order by seq').all(id),
      messages: db.prepare<[string], Omit<StoredMessage, 'untouched'> & { untouched: number }>(
        `select seq, id as messageId, user_id as userId, client_msg_id as clientMsgId, text, state = 'live' and edited_at is null as untouched
         from messages where room_id = ? order by seq`,
      ).all(id).map(message => ({ ...message, untouched: message.untouched === 1 })),
    })
  }
  return rooms
}
