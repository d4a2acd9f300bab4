import type { Transaction } from 'kysely'
import type { DatabaseHandle } from '../db/client'
import type { Database } from '../db/schema'
import { DROPPED } from '../rooms/kinds'
import { listErasure } from './eraser'

/** Tables with few rows of a room, which go with it at once. */
const TABLES = ['ai_streams', 'agent_sessions', 'timers', 'room_calls'] as const

/**
 * Takes a room and its children away from everybody in one small transaction: nobody finds them, and their floors are above all that was
 * said (ACC-4). What they held is erased afterwards, a piece at a time; only the audit trail still knows that they were there.
 *
 * @returns the ids of the rooms that went, children first
 */
export async function dropRoom({ db, dialect }: DatabaseHandle, roomId: string): Promise<string[]> {
  return db.transaction().execute(async (trx) => {
    const rooms = await withChildren(trx, roomId)
    await dialect.hold(trx, rooms)
    for (const id of rooms) {
      for (const table of TABLES) await trx.deleteFrom(table).where('room_id', '=', id).execute()
      // No name that can be asked for, so that its own is free again.
      await trx.updateTable('rooms').set(({ ref }) => ({ kind: DROPPED, name: `~${id}`, title: '', listed: 0, parent_id: null, floor: ref('head') })).where('id', '=', id).execute()
      await listErasure(trx, id, 0)
      // What was cleared before has rows left, and those go too.
      await trx.updateTable('erasures').set({ done: 0 }).where('room_id', '=', id).execute()
    }
    return rooms
  })
}

/** A room that is there and all that are in it, children before their parents. */
async function withChildren(trx: Transaction<Database>, roomId: string): Promise<string[]> {
  const room = await trx.selectFrom('rooms').select('id').where('id', '=', roomId).where('kind', '!=', DROPPED).executeTakeFirst()
  if (!room) return []
  const children = await trx.selectFrom('rooms').select('id').where('parent_id', '=', roomId).where('kind', '!=', DROPPED).execute()
  const within: string[] = []
  for (const { id } of children) within.push(...await withChildren(trx, id))
  return [...within, roomId]
}
