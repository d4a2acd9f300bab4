import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { customAlphabet } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { Identity } from '../auth/types'
import type { Database } from '../db/schema'
import { KeyedBuckets } from '../limits/token-bucket'
import { addressOf } from '../rooms/directory'
import type { KindName } from '../rooms/kinds'
import type { Room } from '../rooms/types'

const newId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 20)

const AGENT: KindName = 'agent'

/** Whose session it is: nobody else is told that it exists. */
export type Owner = Pick<Identity, 'user' | 'orgId'>

/** A session as its owner sees it (AGT-1). */
export interface Session {
  id: string
  agentSlug: string
  /** Empty until the first message gives one, where none was given. */
  title: string
  /** Its room's address, for `join`, log, history and search. */
  room: string
  pinned: boolean
  archived: boolean
  createdAt: string
  /** When something was last said in it. */
  lastAt: string | null
}

/** A session and the room it is. */
export interface OwnSession {
  session: Session
  room: Room
}

/** One person's sessions with agents. Every question is asked for an owner. */
export interface Sessions {
  /** @throws ProtocolError `rate_limited`, `conflict` for one who has as many as one may */
  create: (owner: Owner, agentSlug: string, title: string) => Promise<Session>
  /** The pinned ones first, then those last spoken in. */
  list: (owner: Owner, page: { archived: boolean, limit: number, offset: number }) => Promise<{ sessions: Session[], more: boolean }>
  /** @throws ProtocolError `not_found`, for another's too */
  find: (owner: Owner, id: string) => Promise<OwnSession>
  mark: (id: string, marks: { pinned?: boolean, archived?: boolean }) => Promise<void>
  /** Whether a stream's answer is in the log. */
  answered: (roomId: string, streamId: string) => Promise<boolean>
}

/** @param perMinute new sessions a minute of one user */
export function createSessions(db: Kysely<Database>, perMinute: number): Sessions {
  const newSessions = new KeyedBuckets({ perSecond: perMinute / 60, burst: perMinute })

  function own({ user, orgId }: Owner) {
    return db.selectFrom('agent_sessions').innerJoin('rooms', 'rooms.id', 'agent_sessions.room_id')
      .select(['agent_sessions.id', 'agent', 'title', 'name', 'pinned', 'archived', 'rooms.created_at', 'last_at', 'room_id'])
      .where('agent_sessions.user_id', '=', user.id).where('agent_sessions.org_id', '=', orgId)
  }

  return {
    async create(owner, agentSlug, title) {
      const { user, orgId } = owner
      const wait = newSessions.take(user.id, performance.now())
      if (wait > 0) throw new ProtocolError('rate_limited', 'sessions: too many new ones', { retryAfterMs: wait })
      const { count } = await db.selectFrom('agent_sessions').select(({ fn }) => fn.countAll<number>().as('count')).where('user_id', '=', user.id).executeTakeFirstOrThrow()
      if (count >= LIMITS.agentSessions) throw new ProtocolError('conflict', `sessions: at most ${LIMITS.agentSessions}; delete some first`)
      const [id, roomId, at] = [newId(), newId(), new Date().toISOString()]
      const name = addressOf(roomId)
      await db.transaction().execute(async (trx) => {
        await trx.insertInto('rooms').values({ id: roomId, org_id: orgId, name, title, kind: AGENT, epoch: newId(), head: 0, floor: 0, created_by: user.id, created_at: at }).execute()
        await trx.insertInto('room_members').values({ room_id: roomId, user_id: user.id, role: 'host', joined_at: at }).execute()
        await trx.insertInto('agent_sessions').values({ id, room_id: roomId, org_id: orgId, user_id: user.id, agent: agentSlug }).execute()
        await trx.insertInto('audit').values({ org_id: orgId, room_id: roomId, user_id: user.id, action: 'agent.session.created', detail: JSON.stringify({ agent: agentSlug }), created_at: at }).execute()
      })
      return { id, agentSlug, title, room: name, pinned: false, archived: false, createdAt: at, lastAt: null }
    },
    async list(owner, { archived, limit, offset }) {
      const rows = await own(owner).where('archived', '=', Number(archived))
        .orderBy('pinned', 'desc').orderBy(sql`coalesce(last_at, rooms.created_at)`, 'desc').orderBy('agent_sessions.id')
        .limit(limit + 1).offset(offset).execute()
      return { sessions: rows.slice(0, limit).map(toSession), more: rows.length > limit }
    },
    async find(owner, id) {
      const row = await own(owner).where('agent_sessions.id', '=', id).executeTakeFirst()
      if (!row) throw new ProtocolError('not_found', 'session: does not exist')
      return { session: toSession(row), room: { id: row.room_id, orgId: owner.orgId, name: row.name, kind: AGENT, title: row.title, locked: false, listed: false } }
    },
    async mark(id, { pinned, archived }) {
      const marks = { ...(pinned !== undefined && { pinned: Number(pinned) }), ...(archived !== undefined && { archived: Number(archived) }) }
      if (Object.keys(marks).length > 0) await db.updateTable('agent_sessions').set(marks).where('id', '=', id).execute()
    },
    async answered(roomId, streamId) {
      const row = await db.selectFrom('messages').select('id').where('room_id', '=', roomId).where('client_msg_id', '=', streamId).where('actor_type', '=', 'bot').executeTakeFirst()
      return row !== undefined
    },
  }
}

interface SessionRow {
  id: string
  agent: string
  title: string
  name: string
  pinned: number
  archived: number
  created_at: string
  last_at: string | null
}

function toSession(row: SessionRow): Session {
  return { id: row.id, agentSlug: row.agent, title: row.title, room: row.name, pinned: row.pinned === 1, archived: row.archived === 1, createdAt: row.created_at, lastAt: row.last_at }
}
