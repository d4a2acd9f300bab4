import type { Kysely } from 'kysely'
import { GroupCommit } from '../db/group-commit'
import type { Database } from '../db/schema'

/** Rows of one insert: the embedded database bounds the values of a statement. */
const ROWS = 100
/** Entries that one statement forgets. */
const FORGET = 500

/** Who did what where; never a word of what was said. */
export interface AuditEvent {
  orgId: string
  roomId?: string
  userId: string
  action: string
  detail: Record<string, string | number | boolean | undefined>
}

/** The audit trail for what happens outside of a transaction of its own. */
export interface Audit {
  record: (event: AuditEvent) => void
  /** Forgets the oldest entries beyond those that are kept, a piece at a time. Never fails. */
  prune: () => Promise<void>
  /** Waits until everything recorded so far is on disk. */
  drained: () => Promise<void>
}

/**
 * @param onError told when events could not be stored
 * @param kept entries of the whole trail, those of the log's own transactions included
 */
export function createAudit(db: Kysely<Database>, onError: (error: unknown) => void, kept = Infinity): Audit {
  async function prune(): Promise<void> {
    const newest = await db.selectFrom('audit').select(({ fn }) => fn.max('id').as('id')).executeTakeFirst()
    const upTo = (newest?.id ?? 0) - kept
    for (let more = upTo > 0; more;) {
      const some = db.selectFrom('audit').select('id').where('id', '<=', upTo).orderBy('id').limit(FORGET)
      const { numDeletedRows } = await db.deleteFrom('audit').where('id', 'in', some).executeTakeFirst()
      more = Number(numDeletedRows) === FORGET
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  const commits = new GroupCommit<AuditEvent & { at: string }>(async (events) => {
    for (let n = 0; n < events.length; n += ROWS) await db.insertInto('audit').values(events.slice(n, n + ROWS).map(row)).execute()
  })
  return {
    record(event) {
      commits.add({ ...event, at: new Date().toISOString() }).catch(onError)
    },
    prune: () => prune().catch(onError),
    drained: () => commits.drained(),
  }
}

function row({ orgId, roomId, userId, action, detail, at }: AuditEvent & { at: string }) {
  return { org_id: orgId, room_id: roomId ?? null, user_id: userId, action, detail: JSON.stringify(detail), created_at: at }
}
