import type { Kysely } from 'kysely'
import { customAlphabet } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import type { User } from '#shared/protocol/frames'
import { GroupCommit } from '../db/group-commit'
import type { Database, RoomRow } from '../db/schema'
import { LIMITS } from '#shared/protocol/limits'
import { KeyedBuckets } from '../limits/token-bucket'
import type { RoleOf } from '../auth/users'
import { allows, requireAllowed } from './access'
import type { Asker, Standing } from './access'
import { DROPPED, KINDS, LISTED_KINDS } from './kinds'
import type { KindName } from './kinds'
import type { Membership, Room } from './types'

const roomId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16)

/** A room as the landing page lists it. */
export interface RoomSummary {
  id: string
  name: string
  title: string
  kind: string
  locked: boolean
  listed: boolean
  role: Membership['role'] | null
  last_at: string | null
}

/** Which rooms there are and who belongs to them. */
export interface RoomDirectory {
  /**
   * Lets a user into a room, making the room where it does not exist and rooms may be made (ROOM-1). `isNew` for one who was no member before.
   *
   * @throws ProtocolError `not_found` where rooms are not made by joining and for another's session, `forbidden` for one removed from it, or new to a locked one,
   *   `rate_limited` for one who makes too many, and where too many are made `from` one network address
   */
  admit: (orgId: string, name: string, user: User, from?: string) => Promise<{ room: Room, membership: Membership, isNew?: true }>
  /** Says no where {@link RoomDirectory.admit} would, and changes nothing. @throws ProtocolError as it does */
  requireOpen: (orgId: string, name: string, user: User) => Promise<void>
  /** A room by its address, for one who may find it, and how they stand there; nobody else is told that there is one (ACC-1). */
  seek: (orgId: string, address: string, user: User | undefined) => Promise<{ room: Room, asker: Asker } | undefined>
  byId: (roomId: string) => Promise<Room | undefined>
  membership: (roomId: string, userId: string) => Promise<Standing & { name: string } | undefined>
  /** Makes somebody a member, locked or not (ACC-5). Nothing changes for one who is. */
  letIn: (roomId: string, userId: string) => Promise<void>
  /** Who was removed from a room and not let back, by name. */
  removed: (roomId: string, limit: number) => Promise<{ userId: string, name: string }[]>
  /** The rooms whose log says that a call is on. */
  inCall: () => Promise<string[]>
  /** The rooms a user belongs to, if there is one, and those listed for everyone, the latest spoken in first; no sessions. */
  list: (orgId: string, userId: string | undefined, limit: number) => Promise<RoomSummary[]>
}

export interface RoomDirectoryOptions {
  /** Whether joining a room that does not exist makes it. */
  creation: boolean
  /** New rooms a minute of one user. @default 60 */
  perMinute?: number
  /** The role a user has in the organisation. @default the stored one */
  roleOf?: RoleOf
}

export function createRoomDirectory(db: Kysely<Database>, { creation, perMinute = 60, roleOf = row => row.role as User['role'] }: RoomDirectoryOptions): RoomDirectory {
  const newRooms = new KeyedBuckets({ perSecond: perMinute / 60, burst: perMinute })
  const fromAddress = perMinute * LIMITS.roomSharesPerAddress
  const newFrom = new KeyedBuckets({ perSecond: fromAddress / 60, burst: fromAddress })

  async function seek(orgId: string, address: string, user: User | undefined): Promise<{ room: Room, asker: Asker } | undefined> {
    const row = await db.selectFrom('rooms').selectAll().where('org_id', '=', orgId).where('name', '=', address).where('kind', '!=', DROPPED).executeTakeFirst()
    if (!row) return undefined
    const room = toRoom(row)
    const known = user && await membership(room.id, user.id)
    const asker: Asker = { ...user && { role: user.role }, ...known && { membership: known.membership } }
    return allows(asker, room, 'find') ? { room, asker } : undefined
  }

  /** Rooms that many want at once are made in one transaction: whoever makes them, nobody else's message waits for a sync of each. */
  const creations = new GroupCommit<{ id: string, orgId: string, name: string, user: User }>(async (wanted) => {
    const at = new Date().toISOString()
    await db.transaction().execute(async (trx) => {
      await trx.insertInto('rooms').values(wanted.map(({ id, orgId, name, user }) => ({
        id, org_id: orgId, name, title: name, kind: 'room' satisfies KindName, epoch: roomId(), head: 0, floor: 0, created_by: user.id, created_at: at,
      }))).onConflict(conflict => conflict.columns(['org_id', 'name']).doNothing()).execute()
      // Two people may open a new link at the same moment: the room's row says whose room it became.
      const made = await trx.selectFrom('rooms').select(['id', 'created_by']).where('id', 'in', wanted.map(({ id }) => id)).execute()
      const hosts = made.flatMap(({ id, created_by }) => created_by === null ? [] : [{ room_id: id, user_id: created_by, role: 'host', joined_at: at }])
      if (hosts.length > 0) await trx.insertInto('room_members').values(hosts).execute()
    })
  })

  const create = (orgId: string, name: string, user: User): Promise<void> => creations.add({ id: roomId(), orgId, name, user })

  async function membership(room: string, userId: string) {
    const row = await db.selectFrom('room_members').innerJoin('users', 'users.id', 'room_members.user_id')
      .select(['room_members.role', 'muted', 'removed', 'users.id', 'users.name', 'users.role as global']).where('room_id', '=', room).where('user_id', '=', userId).executeTakeFirst()
    if (!row) return undefined
    const { id, name, global } = row
    return { role: roleOf({ id, role: global }), name, membership: { role: row.role as Membership['role'], muted: row.muted === 1, removed: row.removed === 1 } }
  }

  async function letIn(room: string, userId: string): Promise<void> {
    await db.insertInto('room_members').values({ room_id: room, user_id: userId, role: 'member', joined_at: new Date().toISOString() })
      .onConflict(conflict => conflict.doNothing()).execute()
  }

  /** A room that one may come into; undefined where it would have to be made first, and may be. */
  async function seekOpen(orgId: string, address: string, user: User): Promise<{ room: Room, asker: Asker } | undefined> {
    const found = await seek(orgId, address, user)
    if (found) requireAllowed(found.asker, found.room, 'join')
    else if (!creation || !mayBeMade(address)) throw new ProtocolError('not_found', 'room: does not exist')
    return found
  }

  return {
    seek,
    async byId(id) {
      const row = await db.selectFrom('rooms').selectAll().where('id', '=', id).where('kind', '!=', DROPPED).executeTakeFirst()
      return row && toRoom(row)
    },
    membership,
    letIn,
    removed: (roomId, limit) => db.selectFrom('room_members').innerJoin('users', 'users.id', 'room_members.user_id')
      .select(['users.id as userId', 'users.name']).where('room_id', '=', roomId).where('removed', '=', 1)
      .orderBy('users.name').limit(limit).execute(),
    async inCall() {
      const rows = await db.selectFrom('rooms').select('id').where('call_since', 'is not', null).execute()
      return rows.map(({ id }) => id)
    },
    async requireOpen(orgId, name, user) {
      await seekOpen(orgId, name, user)
    },
    async admit(orgId, name, user, from) {
      let found = await seekOpen(orgId, name, user)
      if (!found) {
        const now = performance.now()
        // A new name costs nothing: who makes one after the other has made them from one address.
        const wait = newRooms.take(user.id, now) || (from === undefined ? 0 : newFrom.take(from, now))
        if (wait > 0) throw new ProtocolError('rate_limited', 'room: too many new rooms', { retryAfterMs: wait })
        await create(orgId, name, user)
        found = await seekOpen(orgId, name, user)
      }
      if (!found) throw new ProtocolError('unavailable', 'room: could not be made')
      const { room, asker } = found
      if (asker.membership) return { room, membership: asker.membership }
      await letIn(room.id, user.id)
      return { room, membership: { role: 'member', muted: false, removed: false }, isNew: true }
    },
    async list(orgId, userId, limit) {
      // Each by its index, of all the rooms there are: SQLite keeps to the order of a cross join, and would otherwise look at everybody's rooms.
      const theirs = db.selectFrom('room_members').crossJoin('rooms').select('rooms.id').whereRef('rooms.id', '=', 'room_id')
        .where('user_id', '=', userId ?? '').where('removed', '=', 0).where('org_id', '=', orgId)
      const forAll = db.selectFrom('rooms').select('id').where('org_id', '=', orgId).where('listed', '=', ({ lit }) => lit(1))
      const rows = await db.selectFrom('rooms')
        .leftJoin('room_members', join => join.onRef('room_members.room_id', '=', 'rooms.id').on('room_members.user_id', '=', userId ?? '').on('room_members.removed', '=', 0))
        .select(['rooms.id', 'rooms.name', 'title', 'kind', 'locked', 'listed', 'last_at', 'room_members.role'])
        .where('rooms.id', 'in', theirs.union(forAll)).where('kind', 'in', LISTED_KINDS)
        .orderBy('last_at', order => order.desc().nullsLast()).orderBy('rooms.created_at', 'desc').limit(limit).execute()
      return rows.map(row => ({ ...row, locked: row.locked === 1, listed: row.listed === 1, role: row.role as Membership['role'] | null }))
    },
  }
}

/** The address of a room whose kind has no names (ACC-1). */
export function addressOf(roomId: string): string {
  return `~${roomId}`
}

/**
 * Whether joining an address may make a room of it. Sessions with agents had names like these once: a page from then that comes back
 * must not find itself in a room of everybody's.
 */
function mayBeMade(address: string): boolean {
  return KINDS.room.madeByJoining && !address.startsWith('~') && !/^agent-[0-9a-z]{20}$/.test(address)
}

function toRoom(row: RoomRow): Room {
  return { id: row.id, orgId: row.org_id, name: row.name, kind: row.kind, title: row.title, locked: row.locked === 1, listed: row.listed === 1, ...(row.call_since !== null && { callSince: row.call_since }) }
}
