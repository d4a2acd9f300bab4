import type { Kysely } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import type { Entry, Message } from '#shared/protocol/frames'
import type { DatabaseHandle } from '../db/client'
import type { Database, EntryRow, MessageRow } from '../db/schema'
import { DROPPED } from '../rooms/kinds'
import { fullForm } from './emoji-form'
import { renderEntry, renderMessage } from './render'
import type { LogSlice } from './types'
import { phrasesOf } from './words'

type Reading = Kysely<Database>

/** Entries with `seq > fromSeq` above the floor, oldest first, with the room's state of the same moment. */
export async function readSince(db: Reading, roomId: string, fromSeq: number, limit: number): Promise<LogSlice> {
  return atOneMoment(db, roomId, async (trx, room) => {
    const rows = await trx.selectFrom('log').selectAll()
      .where('room_id', '=', roomId).where('seq', '>', Math.max(fromSeq, room.floor))
      .orderBy('seq', 'asc').limit(limit).execute()
    return renderEntries(trx, room.name, rows)
  })
}

/** Rooms that are asked for in one statement. */
const HEADS_AT_ONCE = 500

/** How far rooms are; of those that are none, nothing. */
export async function readHeads(db: Reading, roomIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const heads = new Map<string, number>()
  for (let from = 0; from < roomIds.length; from += HEADS_AT_ONCE) {
    const rows = await db.selectFrom('rooms').select(['id', 'head']).where('id', 'in', roomIds.slice(from, from + HEADS_AT_ONCE)).execute()
    for (const { id, head } of rows) heads.set(id, head)
  }
  return heads
}

/** The newest `limit` entries of any type, oldest first. */
export async function readTail(db: Reading, roomId: string, limit: number): Promise<LogSlice> {
  return atOneMoment(db, roomId, async (trx, room) => {
    const rows = await trx.selectFrom('log').selectAll()
      .where('room_id', '=', roomId).where('seq', '>', room.floor)
      .orderBy('seq', 'desc').limit(limit).execute()
    return renderEntries(trx, room.name, rows.reverse())
  })
}

/** The newest `limit` messages, oldest first. */
export async function readNewest(db: Reading, roomId: string, limit: number): Promise<LogSlice> {
  return atOneMoment(db, roomId, async (trx, room) => {
    const rows = await trx.selectFrom('messages').selectAll()
      .where('room_id', '=', roomId).where('seq', '>', room.floor)
      .orderBy('seq', 'desc').limit(limit).execute()
    return renderMessages(trx, room.name, rows.reverse())
  })
}

/** Messages with `seq < beforeSeq` above the floor, newest first, and whether older ones remain. */
export async function readBefore(db: Reading, roomId: string, beforeSeq: number, limit: number): Promise<{ messages: Message[], more: boolean }> {
  const slice = await atOneMoment(db, roomId, async (trx, room) => {
    const rows = await trx.selectFrom('messages').selectAll()
      .where('room_id', '=', roomId).where('seq', '>', room.floor).where('seq', '<', beforeSeq)
      .orderBy('seq', 'desc').limit(limit + 1).execute()
    return renderMessages(trx, room.name, rows)
  })
  return { messages: slice.entries.slice(0, limit) as Message[], more: slice.entries.length > limit }
}

/** Messages of one room that hold all that is asked for, newest first. */
export async function searchMessages({ db, dialect }: Pick<DatabaseHandle, 'db' | 'dialect'>, roomId: string, question: string, limit: number): Promise<Message[]> {
  const phrases = phrasesOf(question)
  if (phrases.length === 0) return []
  const slice = await atOneMoment(db, roomId, async (trx, room) => {
    const rows = await dialect.words.find(trx, { id: roomId, floor: room.floor }, phrases, limit)
    return renderMessages(trx, room.name, rows)
  })
  return slice.entries as Message[]
}

async function atOneMoment(
  db: Reading,
  roomId: string,
  read: (trx: Reading, room: { name: string, floor: number }) => Promise<Entry[]>,
): Promise<LogSlice> {
  // At one moment wherever it is: PostgreSQL would look anew for each statement.
  return db.transaction().setAccessMode('read only').setIsolationLevel('repeatable read').execute(async (trx) => {
    const room = await trx.selectFrom('rooms').select(['name', 'epoch', 'head', 'floor']).where('id', '=', roomId).where('kind', '!=', DROPPED).executeTakeFirst()
    if (!room) throw new ProtocolError('not_found', 'room: does not exist')
    return { entries: await read(trx, room), epoch: room.epoch, head: room.head, floor: room.floor }
  })
}

async function renderEntries(db: Reading, room: string, rows: readonly EntryRow[]): Promise<Entry[]> {
  const ids = [...new Set(rows.flatMap(row => row.message_id ?? []))]
  const found = ids.length > 0 ? await db.selectFrom('messages').selectAll().where('id', 'in', ids).execute() : []
  const messages = new Map((await renderMessages(db, room, found)).map(message => [message.messageId, message]))
  return rows.map(row => renderEntry(room, row, row.message_id === null ? undefined : messages.get(row.message_id)))
}

async function renderMessages(db: Reading, room: string, rows: readonly MessageRow[]): Promise<Message[]> {
  if (rows.length === 0) return []
  const given = await db.selectFrom('reactions').select(['message_id', 'emoji', 'user_id'])
    .where('message_id', 'in', rows.map(row => row.id)).orderBy('created_at').execute()
  const reactions = new Map<string, Map<string, string[]>>()
  for (const { message_id, emoji: stored, user_id } of given) {
    const emoji = fullForm(stored)
    const byEmoji = reactions.get(message_id) ?? new Map<string, string[]>()
    byEmoji.set(emoji, [...new Set([...byEmoji.get(emoji) ?? [], user_id])])
    reactions.set(message_id, byEmoji)
  }
  return rows.map((row) => {
    const byEmoji = reactions.get(row.id)
    return renderMessage(room, row, byEmoji && Object.fromEntries(byEmoji))
  })
}
