import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'

/** Tables with rows of a room, those that refer to others first. */
const TABLES = ['entries', 'messages', 'room_bots', 'ai_streams', 'agent_sessions', 'room_members'] as const

/** Deletes a room with everything in it; only the audit trail still knows that it was there. */
export async function dropRoom(db: Kysely<Database>, roomId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom('reactions').where('message_id', 'in', trx.selectFrom('messages').select('id').where('room_id', '=', roomId)).execute()
    for (const table of TABLES) await trx.deleteFrom(table).where('room_id', '=', roomId).execute()
    await trx.deleteFrom('rooms').where('id', '=', roomId).execute()
  })
}
