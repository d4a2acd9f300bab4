import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import { nanoid } from 'nanoid'
import type { Database } from '../db/schema'

/** Sign-ins one person may have at a time; another ends the one that was used longest ago. */
export const SESSIONS_PER_USER = 50

/** How long a session is believed without asking the database: another node's revocation is heard within that. */
const FRESH_MS = 4_000

/** How exactly it is kept when a session was last used. */
const LAST_MS = 3_600_000

const REMEMBERED = 10_000
const PRUNED_AT_ONCE = 500
const ASKED_AT_ONCE = 500

/** What a token says of its session. Tokens from before there were sessions name none; theirs is found by the token itself. */
export interface SessionClaim {
  sid: string
  userId: string
  /** Milliseconds since 1970. */
  expiresAt: number
  /** It has a row only once it was ended or renewed. */
  isUnnamed: boolean
}

/** Where people are signed in. */
export interface Sessions {
  /** Signs somebody in: a new session's id. */
  begin: (userId: string, expiresAt: number) => Promise<string>
  /** Whether a session goes on. Asks the database at most every few seconds. */
  isAlive: (claim: SessionClaim) => Promise<boolean>
  /** Keeps a session for longer; one without a row gets its row. */
  extend: (claim: Pick<SessionClaim, 'sid' | 'userId'>, expiresAt: number) => Promise<void>
  /** Ends a session for good: its tokens are worth nothing from here on, and who listens is told. */
  revoke: (claim: SessionClaim) => Promise<void>
  /** Whether a session was ended here lately: for what was let in while it ended. */
  isRevoked: (sid: string) => boolean
  /** Takes note of a session that another node has ended. */
  noteRevoked: (sid: string) => void
  /** Which of these sessions were ended, on whichever node. */
  endedAmong: (sids: readonly string[]) => Promise<readonly string[]>
  /** Told of each session that was ended here, once it has. */
  onRevoked: (listener: (sid: string) => void) => void
  /** Forgets some of the sessions that have run out. */
  prune: () => Promise<void>
}

/** The session of a token that names none. */
export function unnamedSession(token: string): string {
  return `t-${createHash('sha256').update(token).digest('base64url').slice(0, 22)}`
}

/** @param now milliseconds since 1970 */
export function createSessions(db: Kysely<Database>, now: () => number = Date.now): Sessions {
  const alive = new LRUCache<string, number>({ max: REMEMBERED })
  const revoked = new LRUCache<string, true>({ max: REMEMBERED })
  const listeners: ((sid: string) => void)[] = []
  const iso = (): string => new Date(now()).toISOString()

  function noteRevoked(sid: string): void {
    alive.delete(sid)
    revoked.set(sid, true)
  }

  function ended(sid: string): void {
    noteRevoked(sid)
    for (const listener of listeners) listener(sid)
  }

  async function endOldest(userId: string): Promise<void> {
    const extra = await db.selectFrom('sessions').select('id').where('user_id', '=', userId).where('revoked_at', 'is', null)
      .orderBy('last_at', 'desc').orderBy('created_at', 'desc').offset(SESSIONS_PER_USER).limit(SESSIONS_PER_USER).execute()
    for (const { id } of extra) {
      await db.updateTable('sessions').set({ revoked_at: iso() }).where('id', '=', id).execute()
      ended(id)
    }
  }

  return {
    noteRevoked,
    async begin(userId, expiresAt) {
      const id = nanoid()
      await db.insertInto('sessions').values({ id, user_id: userId, created_at: iso(), last_at: iso(), expires_at: expiresAt, revoked_at: null }).execute()
      await endOldest(userId)
      return id
    },
    async isAlive({ sid, userId, isUnnamed }) {
      if (revoked.has(sid)) return false
      const at = now()
      const known = alive.get(sid)
      if (known !== undefined && at >= known && at - known < FRESH_MS) return true
      const row = await db.selectFrom('sessions').select(['user_id', 'last_at', 'revoked_at']).where('id', '=', sid).executeTakeFirst()
      if (row ? row.revoked_at !== null || row.user_id !== userId : !isUnnamed) return false
      if (row && at - Date.parse(row.last_at) > LAST_MS) await db.updateTable('sessions').set({ last_at: iso() }).where('id', '=', sid).execute()
      // It may have been ended while the database was asked.
      if (revoked.has(sid)) return false
      alive.set(sid, at)
      return true
    },
    async extend({ sid, userId }, expiresAt) {
      await db.insertInto('sessions').values({ id: sid, user_id: userId, created_at: iso(), last_at: iso(), expires_at: expiresAt, revoked_at: null })
        .onConflict(conflict => conflict.column('id').doUpdateSet({ expires_at: expiresAt, last_at: iso() })).execute()
      await endOldest(userId)
    },
    async revoke({ sid, userId, expiresAt }) {
      await db.insertInto('sessions').values({ id: sid, user_id: userId, created_at: iso(), last_at: iso(), expires_at: expiresAt, revoked_at: iso() })
        .onConflict(conflict => conflict.column('id').doUpdateSet({ revoked_at: iso() })).execute()
      ended(sid)
    },
    isRevoked: sid => revoked.has(sid),
    async endedAmong(sids) {
      const ended: string[] = []
      for (let from = 0; from < sids.length; from += ASKED_AT_ONCE) {
        const some = sids.slice(from, from + ASKED_AT_ONCE)
        ended.push(...(await db.selectFrom('sessions').select('id').where('id', 'in', some).where('revoked_at', 'is not', null).execute()).map(({ id }) => id))
      }
      return ended
    },
    onRevoked: listener => void listeners.push(listener),
    async prune() {
      const done = db.selectFrom('sessions').select('id').where('expires_at', '<', now()).orderBy('expires_at').limit(PRUNED_AT_ONCE)
      await db.deleteFrom('sessions').where('id', 'in', done).execute()
    },
  }
}
