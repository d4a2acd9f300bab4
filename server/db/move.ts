import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { shareSecrets } from '../auth/secrets'
import type { Secrets } from '../auth/secrets'
import { readSince } from '../log/reader'
import { WORD_RULE } from '../log/words'
import { DROPPED } from '../rooms/kinds'
import type { DatabaseHandle } from './handle'
import type { Database, MessageRow } from './schema'

/** Rows that go in one statement. */
const ROWS = 500
/** Entries of a transcript that are read at once. */
const ENTRIES = 1_000

/** What each engine keeps for itself: words to search by, which are made anew, and what the migrations did. */
const OWN = /^(?:message_search|message_words|search_progress|kysely_|sqlite_)/
/** Tables that others refer to, before those. */
const FIRST = ['organisations', 'users', 'rooms']
/** Columns that number rows anew; the order stays. */
const NUMBERED: Record<string, string> = { messages: 'n', audit: 'id' }

type Row = Record<string, unknown>

/** A table and how many of its rows were copied. */
export interface Copied {
  table: string
  rows: number
}

/**
 * Copies everything from an embedded database to an empty one of PostgreSQL, in one transaction: all of it is there afterwards, or
 * nothing.
 *
 * @param secrets those of the folder, so that everybody stays signed in
 * @throws Error where the other one is not empty
 */
export async function moveToPostgres(from: DatabaseHandle, to: DatabaseHandle, secrets: Secrets): Promise<Copied[]> {
  const tables = await tablesOf(from.db)
  const copied: Copied[] = []
  await to.db.transaction().execute(async (trx) => {
    const used = await trx.selectFrom('users').select('id').limit(1).executeTakeFirst()
    if (used) throw new Error('the database is not empty: name one that nobody has used yet')
    for (const table of tables) copied.push({ table, rows: await copyTable(from.db, to, trx, table) })
    await shareSecrets(trx, secrets)
    await trx.updateTable('search_progress').set({ rule: WORD_RULE }).execute()
  })
  return copied
}

/**
 * Compares the transcripts of all rooms: every entry as a client would see it, and where the room stands.
 *
 * @returns the names of the rooms that differ, and how many there are
 */
export async function compareTranscripts(from: DatabaseHandle, to: DatabaseHandle): Promise<{ rooms: number, different: string[] }> {
  const rooms = await from.db.selectFrom('rooms').select(['id', 'name']).where('kind', '!=', DROPPED).orderBy('id').execute()
  const different: string[] = []
  for (const { id, name } of rooms) {
    const [before, after] = await Promise.all([from, to].map(({ db }) => transcript(db, id).catch((error: unknown) => String(error))))
    if (before !== after) different.push(name)
  }
  return { rooms: rooms.length, different }
}

async function transcript(db: Kysely<Database>, roomId: string): Promise<string> {
  const hash = createHash('sha256')
  for (let last = 0; ;) {
    const { entries, ...state } = await readSince(db, roomId, last, ENTRIES)
    hash.update(JSON.stringify(last === 0 ? { state, entries } : { entries }))
    if (entries.length < ENTRIES) return hash.digest('hex')
    last = entries.at(-1)?.seq ?? 0
  }
}

async function tablesOf(db: Kysely<Database>): Promise<string[]> {
  const names = (await db.introspection.getTables()).filter(({ name, isView }) => !isView && !OWN.test(name)).map(({ name }) => name)
  return [...FIRST, ...names.filter(name => !FIRST.includes(name))]
}

async function copyTable(from: Kysely<Database>, to: DatabaseHandle, trx: Transaction<Database>, table: string): Promise<number> {
  const numbered = NUMBERED[table]
  let copied = 0
  for (let last = 0; ;) {
    const { rows } = await sql<Row & { rowid: number }>`select rowid as rowid, * from ${sql.table(table)} where rowid > ${last} order by rowid limit ${ROWS}`.execute(from)
    if (rows.length === 0) return copied
    last = Number(rows.at(-1)?.[numbered ?? 'rowid'] ?? rows.at(-1)?.rowid)
    const values = rows.map(({ rowid: _, ...row }) => Object.fromEntries(Object.entries(row).filter(([column]) => column !== numbered)))
    // Whoever began to use the other database made the first organisation, and it is the same.
    await trx.insertInto(table as keyof Database).values(values as never).onConflict(conflict => conflict.doNothing()).execute()
    if (table === 'messages') await to.dialect.words.put(trx, values as unknown as MessageRow[])
    copied += rows.length
  }
}
