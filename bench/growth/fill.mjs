import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { root } from '../../scripts/build.mjs'
import { bundle } from '../bundle.mjs'

/** The room whose history and members grow. */
export const ROOM = 'grown'
/** A word of every second message, and one of ten messages, wherever they stand. */
export const WORDS = { common: 'harbour', rare: 'quicksilver' }

const ORGANISATION = 'main'
const ROOM_ID = 'grown00000000000'
const RARE = 10
const BATCH = 10_000
const BEGAN = Date.parse('2026-01-01T00:00:00Z')
const FILLER = ['tide', 'lantern', 'meadow', 'copper', 'signal', 'window', 'garden', 'thunder', 'velvet', 'marble', 'orchard', 'winter', 'candle', 'river', 'anchor', 'bridge']

const at = n => new Date(BEGAN + n * 1000).toISOString()
const userId = n => `user${String(n).padStart(12, '0')}`

/** A text of some 200 bytes, with words that many messages share and one that is its own. */
function textOf(n, messages) {
  const words = Array.from({ length: 24 }, (_, i) => FILLER[(n * 7 + i * i * 3 + (n >> (i % 12))) % FILLER.length])
  if (n % 2 === 0) words.push(WORDS.common)
  if (n % Math.floor(messages / RARE) === 0) words.push(WORDS.rare)
  return `${words.join(' ')} m${n}`
}

/** Inserts rows by thousands, each batch one transaction. */
function insert(sqlite, table, count, rowOf) {
  const columns = Object.keys(rowOf(1))
  const statement = sqlite.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(name => `@${name}`).join(', ')})`)
  const some = sqlite.transaction((from, to) => {
    for (let n = from; n < to; n++) statement.run(rowOf(n))
  })
  for (let from = 1; from <= count; from += BATCH) some(from, Math.min(count + 1, from + BATCH))
}

function messageRow(n, messages) {
  return {
    id: `${(BEGAN + n * 1000).toString(36).padStart(9, '0')}${n.toString(36).padStart(11, '0')}`, room_id: ROOM_ID, seq: n, user_id: userId(n % 100 + 1), user_name: `Person ${n % 100}`,
    client_msg_id: `fill-${n}`, text: textOf(n, messages), content_type: 'user', actor_type: 'client', format: 'markdown', metadata: '{}', state: 'live', created_at: at(n),
  }
}

/**
 * Writes a database as a server with such a past would have left it: the project's own migrations make it, and the search index is
 * filled; only the syncing after each message is left out.
 *
 * @param {{ messages?: number, people?: number }} past messages of one room; people who joined it once, each with a room of their own
 * @returns {Promise<string>} the data folder
 */
export async function fill({ messages = 0, people = 100 }) {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-growth-'))
  const file = join(folder, 'lastra.db')
  const { openDatabase } = await import(await bundle(join(root, 'server/db/client.ts'), 'database'))
  await (await openDatabase(file)).close()
  const sqlite = new SQLite(file)
  sqlite.pragma('synchronous = OFF')
  sqlite.pragma('cache_size = -262144')
  sqlite.pragma('temp_store = MEMORY')
  insert(sqlite, 'organisations', 1, () => ({ id: ORGANISATION, name: 'Lastra', created_at: at(0) }))
  insert(sqlite, 'users', people, n => ({ id: userId(n), org_id: ORGANISATION, name: `Person ${n}`, role: 'guest', created_at: at(n) }))
  const room = (id, name, n, head) => ({ id, org_id: ORGANISATION, name, title: name, kind: 'room', epoch: id, head, created_by: userId(n), created_at: at(n), last_at: head ? at(head) : null })
  insert(sqlite, 'rooms', 1, () => room(ROOM_ID, ROOM, 1, messages))
  insert(sqlite, 'rooms', people, n => room(`room${String(n).padStart(12, '0')}`, `of-${n}`, n, 0))
  const member = (room_id, n, role) => ({ room_id, user_id: userId(n), role, joined_at: at(n) })
  insert(sqlite, 'room_members', people, n => member(ROOM_ID, n, n === 1 ? 'host' : 'member'))
  insert(sqlite, 'room_members', people, n => member(`room${String(n).padStart(12, '0')}`, n, 'host'))
  if (messages > 0) {
    insert(sqlite, 'messages', messages, n => messageRow(n, messages))
    const { searchWords } = await import(await bundle(join(root, 'server/log/words.ts'), 'words'))
    sqlite.function('search_words', { deterministic: true }, searchWords)
    sqlite.exec('insert into message_search(rowid, room_id, words) select n, room_id, search_words(text) from messages')
    sqlite.exec('update search_progress set indexed = (select max(n) from messages)')
  }
  sqlite.pragma('wal_checkpoint(TRUNCATE)')
  sqlite.close()
  return folder
}
