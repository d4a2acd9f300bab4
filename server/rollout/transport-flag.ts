import type { Kysely } from 'kysely'
import { z } from 'zod'
import { transportChoice } from '#shared/protocol/fields'
import type { Identity } from '../auth/types'
import type { Database } from '../db/schema'
import type { TransportPolicy } from './policy'
import { total } from './policy'

const KEY = 'transport-policy'
const share = z.number().min(0, 'must not be negative').max(100, 'must be at most 100')

/** A policy as an administrator sets it; what is left out stays. */
export const policyChange = z.object({
  default: transportChoice.optional(),
  rollout: z.object({ websocket: share.optional(), sse: share.optional(), polling: share.optional() }).optional(),
})

const stored = z.object({ default: transportChoice, rollout: z.object({ websocket: share, sse: share, polling: share }) })

/** The transport policy in force: as configured, until an administrator sets another, which lasts through restarts. */
export interface TransportFlag {
  policy: () => TransportPolicy
  /** Reads it anew: another node may have changed it. */
  reload: () => Promise<TransportPolicy>
  /** Changes it for everyone, and says who did. @throws RangeError when the shares are more than 100 % together */
  change: (change: z.output<typeof policyChange>, by: Pick<Identity, 'user' | 'orgId'>) => Promise<TransportPolicy>
}

/** @param configured the policy of the server's configuration, used while none was set at run time */
export async function createTransportFlag(db: Kysely<Database>, configured: TransportPolicy): Promise<TransportFlag> {
  async function read(): Promise<TransportPolicy> {
    const row = await db.selectFrom('settings').select('value').where('key', '=', KEY).executeTakeFirst()
    return row ? stored.parse(JSON.parse(row.value)) : configured
  }

  let policy = await read()
  let last: Promise<unknown> = Promise.resolve()

  async function store(change: z.output<typeof policyChange>, by: Pick<Identity, 'user' | 'orgId'>): Promise<TransportPolicy> {
    const next = { default: change.default ?? policy.default, rollout: { ...policy.rollout, ...change.rollout } }
    if (total(next) > 100) throw new RangeError('rollout: the shares are more than 100 % together')
    const value = JSON.stringify(next)
    const at = new Date().toISOString()
    const values = { value, updated_by: by.user.id, updated_at: at }
    await db.transaction().execute(async (trx) => {
      await trx.insertInto('settings').values({ key: KEY, ...values }).onConflict(conflict => conflict.column('key').doUpdateSet(values)).execute()
      await trx.insertInto('audit').values({ org_id: by.orgId, room_id: null, user_id: by.user.id, action: KEY, detail: value, created_at: at }).execute()
    })
    policy = next
    return next
  }

  return {
    policy: () => policy,
    async reload() {
      policy = await read()
      return policy
    },
    change(change, by) {
      // One after the other: each change builds on the one before.
      const changed = last.then(() => store(change, by))
      last = changed.catch(() => undefined)
      return changed
    },
  }
}
