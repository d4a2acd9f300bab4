import type { Transaction } from 'kysely'
import { ProtocolError } from '#shared/protocol/errors'
import type { Entry } from '#shared/protocol/frames'
import type { DatabaseHandle } from '../db/client'
import type { Dialect } from '../db/dialects'
import type { Database } from '../db/schema'
import { idempotencyKey } from './message-row'
import type { LogStatements } from './statements'
import type { Append, AppendMessage, Appended } from './types'
import { RoomWriter } from './writer'
import type { Outcome } from './writer'

/** What one room's appends came to, and what was stored of them. */
export interface RoomWritten {
  outcomes: Outcome[]
  entries: Entry[]
}

/** How often a transaction that others were in the way of is tried again. */
const TRIES = 3

/**
 * Writes what several rooms append, each room's in order, in one transaction: all of those that come back, and none where it fails. Where
 * the engine has one statement for rooms in which people only talk, those go first, and the others are left for the next call.
 *
 * @param roomBytes what one room may keep
 * @returns for each room that was written what its appends came to: one at least
 */
export async function writeRooms(handle: DatabaseHandle, statements: LogStatements, now: string, rooms: ReadonlyMap<string, readonly Append[]>, roomBytes?: number): Promise<ReadonlyMap<string, RoomWritten>> {
  const { db, dialect } = handle
  const said = await dialect.say?.(new Map([...rooms].filter(isTalk)), now, roomBytes)
  if (said && said.size > 0) return said
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(trx => writeTogether(dialect, statements, trx, now, rooms, roomBytes))
    } catch (error) {
      if (tries === TRIES || !dialect.isPassing(error)) throw error
    }
  }
}

/** Whether all that is appended to a room is said by people or bots, and in no thread. */
function isTalk(room: [string, readonly Append[]]): room is [string, readonly AppendMessage[]] {
  return room[1].every(append => append.type === 'message' && append.threadId === undefined)
}

/**
 * Writes several rooms in one transaction. What all of them say goes to the database in the same few statements: fifty rooms in which
 * one person each speaks cost about as much as one room with fifty.
 */
async function writeTogether(dialect: Dialect, statements: LogStatements, trx: Transaction<Database>, now: string, rooms: ReadonlyMap<string, readonly Append[]>, roomBytes?: number): Promise<Map<string, RoomWritten>> {
  await dialect.hold(trx, [...rooms.keys()])
  const states = new Map((await statements.rooms(trx, [...rooms.keys()])).map(state => [state.id, state]))
  const writers = new Map<string, RoomWriter>()
  for (const [roomId, appends] of rooms) {
    const state = states.get(roomId)
    if (state) writers.set(roomId, new RoomWriter(trx, dialect.words, state, now, appends, roomBytes))
  }
  for (let busy = [...writers.values()]; busy.length > 0; busy = busy.filter(writer => !writer.isDone)) {
    await writeMessages(dialect, statements, trx, busy)
    for (const writer of busy) await writer.makeChange()
  }
  await statements.advance(trx, [...writers.values()].filter(writer => writer.stored.length > 0).map(writer => writer.state))
  return new Map([...rooms].map(([roomId, appends]) => {
    const writer = writers.get(roomId)
    return [roomId, writer
      ? { outcomes: writer.outcomes, entries: writer.stored }
      : { outcomes: appends.map(() => new ProtocolError('not_found', 'room: does not exist')), entries: [] }]
  }))
}

async function writeMessages(dialect: Dialect, statements: LogStatements, trx: Transaction<Database>, writers: readonly RoomWriter[]): Promise<void> {
  const runs = writers.map(writer => ({ writer, run: writer.nextMessages() })).filter(({ run }) => run.length > 0)
  if (runs.length === 0) return
  const known = await readKnown(statements, trx, runs)
  const threads = await readThreads(trx, runs.flatMap(({ run }) => run))
  const rows = runs.flatMap(({ writer, run }) => writer.addMessages(run, known, threads))
  await statements.insertMessages(trx, rows)
  await dialect.words.put(trx, rows)
}

/** The rooms of those messages that a thread may begin with: live ones, that are in no thread themselves (THR-1). */
async function readThreads(trx: Transaction<Database>, run: readonly AppendMessage[]): Promise<Map<string, string>> {
  const ids = [...new Set(run.flatMap(({ threadId }) => threadId ?? []))]
  if (ids.length === 0) return new Map()
  const rows = await trx.selectFrom('messages').select(['id', 'room_id']).where('id', 'in', ids).where('state', '=', 'live').where('thread_id', 'is', null).execute()
  return new Map(rows.map(row => [row.id, row.room_id]))
}

/** What the same authors stored earlier under the same client ids, by idempotency key (LOG-4). */
async function readKnown(statements: LogStatements, trx: Transaction<Database>, runs: readonly { writer: RoomWriter, run: readonly AppendMessage[] }[]): Promise<Map<string, Appended>> {
  const given = runs.flatMap(({ writer, run }) => run.flatMap(({ userId, clientMsgId }) =>
    clientMsgId === undefined ? [] : { room_id: writer.state.id, user_id: userId, client_msg_id: clientMsgId }))
  const rows = await statements.stored(trx, given)
  return new Map(rows.map(row => [
    idempotencyKey(row.room_id, row.user_id, row.client_msg_id ?? ''),
    { seq: row.seq, messageId: row.id, clientMsgId: row.client_msg_id ?? undefined, timestamp: row.created_at },
  ]))
}
