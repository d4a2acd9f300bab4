import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'
import { DROPPED } from '../rooms/types'
import { listErasure } from './eraser'

/** Tables with few rows of a room, which go with it at once. */
const TABLES = ['ai_streams', 'agent_sessions', 'timers', 'room_calls'] as const

/**
 * Takes a room away from everybody in one small transaction: nobody finds it, and its floor is above all that was said. What it held is
 * erased afterwards, a piece at a time; only the audit trail still knows that it was there.
 */
export async function dropRoom(db: Kysely<Database>, roomId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const room = await trx.selectFrom('rooms').select('floor').where('id', '=', roomId).where('kind', '!=', DROPPED).executeTakeFirst()
    if (!room) return
    for (const table of TABLES) await trx.deleteFrom(table).where('room_id', '=', roomId).execute()
    // No name that can be asked for, so that its own is free again.
    await trx.updateTable('rooms').set(({ ref }) => ({ kind: DROPPED, name: `~${roomId}`, title: '', listed: 0, floor: ref('head') })).where('id', '=', roomId).execute()
    await listErasure(trx, roomId, 0)
    // What was cleared before has rows left, and those go too.
    await trx.updateTable('erasures').set({ done: 0 }).where('room_id', '=', roomId).execute()
  })
}
