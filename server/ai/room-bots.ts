import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'
import type { RoomLog } from '../log/types'

/** Rooms whose switches are remembered; past it the longest unused give way. */
const MAX_ROOMS = 10_000

/** Which bots are on in which room. */
export interface RoomBots {
  enabled: (roomId: string) => Promise<ReadonlySet<string>>
  /** What is known is out of date: it was not heard what other nodes have changed. */
  forget: () => void
}

/** Reads a room's switches once and then follows its log. */
export function createRoomBots(db: Kysely<Database>, log: Pick<RoomLog, 'onCommitted'>): RoomBots {
  const known = new Map<string, Promise<Set<string>>>()

  async function read(roomId: string): Promise<Set<string>> {
    const rows = await db.selectFrom('room_bots').select('bot').where('room_id', '=', roomId).where('enabled', '=', 1).execute()
    return new Set(rows.map(row => row.bot))
  }

  log.onCommitted((roomId, entries) => {
    // Read anew, and not changed in place: a read that is under way may or may not have seen this commit.
    if (entries.some(entry => entry.type === 'bot-toggle')) known.delete(roomId)
  })

  return {
    enabled(roomId) {
      const bots = known.get(roomId) ?? read(roomId)
      known.delete(roomId)
      known.set(roomId, bots)
      bots.catch(() => known.delete(roomId))
      if (known.size > MAX_ROOMS) known.delete(known.keys().next().value ?? '')
      return bots
    },
    forget: () => known.clear(),
  }
}
