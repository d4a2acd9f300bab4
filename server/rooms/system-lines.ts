import { LRUCache } from 'lru-cache'
import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { linesOf } from '#shared/protocol/entry-lines'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import { LIMITS } from '#shared/protocol/limits'
import type { Database, EntryRow } from '../db/schema'
import { renderEntry } from '../log/render'
import type { RoomLog } from '../log/types'

/** Rooms whose newest lines are kept; each holds at most {@link LIMITS.systemLines} short ones. */
const ROOMS_KEPT = 256

/** A stretch of a room: entries with a `seq` from `from` up to `to`, and who came in within the same times. */
interface Stretch {
  from: number
  to: number
  since: string
  until: string
}

/** What happened in a room besides messages, the same for everybody who reads it (SYS-1). */
export interface SystemLines {
  /** The newest lines, oldest first. */
  newest: (roomId: string) => Promise<readonly StoredSystemLine[]>
  /** The lines among messages of an older page: from the oldest of them, or the floor, up to `beforeSeq`. */
  before: (roomId: string, beforeSeq: number, oldest: { seq: number, timestamp: string } | undefined) => Promise<StoredSystemLine[]>
  /** Whether a room tells who comes in: large ones do not. */
  tellsJoins: (roomId: string) => Promise<boolean>
  /** Something happened that no entry tells: somebody came in for the first time, a call started or ended. */
  happened: (roomId: string) => void
  /** Something may have happened in any room, and was not heard of. */
  forget: () => void
}

export function createSystemLines(db: Kysely<Database>, log: RoomLog): SystemLines {
  const cache = new LRUCache<string, Promise<readonly StoredSystemLine[]>>({ max: ROOMS_KEPT })
  log.onCommitted((roomId, entries) => {
    if (entries.some(({ type }) => type === 'clear' || type === 'bot-toggle' || type === 'room.updated')) cache.delete(roomId)
  })

  async function tellsJoins(roomId: string): Promise<boolean> {
    const some = await db.selectFrom('room_members').select('user_id').where('room_id', '=', roomId).limit(LIMITS.joinsTold + 1).execute()
    return some.length <= LIMITS.joinsTold
  }

  async function comings(roomId: string, founded: string, { since, until }: Stretch): Promise<StoredSystemLine[]> {
    if (!await tellsJoins(roomId)) return []
    const rows = await db.selectFrom('room_members').innerJoin('users', 'users.id', 'room_members.user_id')
      .select(['user_id', 'users.name', 'joined_at']).where('room_id', '=', roomId)
      .where('joined_at', '>', since > founded ? since : founded).where('joined_at', '<=', until)
      .orderBy('joined_at', 'desc').limit(LIMITS.systemLines).execute()
    return rows.map(row => ({ kind: 'joined', timestamp: row.joined_at, userId: row.user_id, name: row.name }))
  }

  async function calls(roomId: string, { since, until }: Stretch): Promise<StoredSystemLine[]> {
    const rows = await db.selectFrom('room_calls').selectAll().where('room_id', '=', roomId)
      .where('started_at', '<=', until).where(({ eb, or }) => or([eb('started_at', '>', since), eb('ended_at', '>', since)]))
      .orderBy('started_at', 'desc').limit(LIMITS.systemLines).execute()
    return rows.flatMap(({ started_at, ended_at, started_by: userId, starter_name: name }): StoredSystemLine[] => [
      ...started_at > since ? [{ kind: 'call-started' as const, timestamp: started_at, userId, name }] : [],
      ...ended_at !== null && ended_at > since && ended_at <= until ? [{ kind: 'call-ended' as const, timestamp: ended_at, userId, name }] : [],
    ])
  }

  async function told(roomId: string, room: string, { from, to }: Stretch): Promise<StoredSystemLine[]> {
    const { rows } = await sql<EntryRow>`
      select * from entries where room_id = ${roomId} and seq >= ${from} and seq < ${to} and type in ('clear', 'bot-toggle', 'room.updated')
      order by seq desc limit ${LIMITS.systemLines}`.execute(db)
    if (rows.length === 0) return []
    const people = await db.selectFrom('users').select(['id', 'name']).where('id', 'in', [...new Set(rows.map(row => row.user_id))]).execute()
    const names = new Map(people.map(({ id, name }) => [id, name]))
    return rows.flatMap(row => linesOf(renderEntry(room, row), userId => names.get(userId) ?? ''))
  }

  async function read(roomId: string, stretchOf: (room: { floor: number, clearedAt: string }) => Promise<Stretch> | Stretch): Promise<StoredSystemLine[]> {
    const room = await db.selectFrom('rooms').select(['name', 'kind', 'floor', 'created_at']).where('id', '=', roomId).executeTakeFirst()
    if (!room || room.kind !== 'room') return []
    const cleared = room.floor === 0 ? undefined : await db.selectFrom('entries').select('created_at').where('room_id', '=', roomId).where('seq', '=', room.floor + 1).executeTakeFirst()
    const stretch = await stretchOf({ floor: room.floor, clearedAt: cleared?.created_at ?? '' })
    const lines = [...await told(roomId, room.name, stretch), ...await comings(roomId, room.created_at, stretch), ...await calls(roomId, stretch)]
    return lines.sort((a, b) => a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : (a.seq ?? 0) - (b.seq ?? 0)).slice(-LIMITS.systemLines)
  }

  return {
    tellsJoins,
    happened: roomId => void cache.delete(roomId),
    forget: () => cache.clear(),
    newest(roomId) {
      const known = cache.get(roomId)
      if (known) return known
      const reading = read(roomId, ({ floor, clearedAt }) => ({ from: floor + 1, to: Number.MAX_SAFE_INTEGER, since: clearedAt, until: '9999' }))
      cache.set(roomId, reading)
      // What could not be read is asked for again.
      reading.catch(() => cache.delete(roomId))
      return reading
    },
    before: (roomId, beforeSeq, oldest) => read(roomId, async ({ floor, clearedAt }) => {
      const next = await db.selectFrom('messages').select('created_at').where('room_id', '=', roomId).where('seq', '>=', beforeSeq).orderBy('seq').limit(1).executeTakeFirst()
      return { from: Math.max(oldest?.seq ?? 0, floor + 1), to: beforeSeq, since: oldest?.timestamp ?? clearedAt, until: next?.created_at ?? '9999' }
    }),
  }
}
