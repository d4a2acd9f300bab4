import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'

/** How long a node's word holds that it works, and how often it gives it. Longer than the clocks of nodes differ. */
const LEASE_MS = 20_000
const RENEW_MS = 5_000

/** Who works on what is begun: answers that are given, timers that ring. */
export interface WorkOwner {
  /** This node's name. */
  readonly node: string
  /** Which of these owners work no more: what they have begun may be taken over. */
  gone: (owners: readonly string[]) => Promise<ReadonlySet<string>>
}

/** The only server there is: whatever is begun when it starts was left by an earlier run. */
export const SOLE_OWNER: WorkOwner = { node: 'sole', gone: async owners => new Set(owners) }

/** A node's lease on its work. */
export interface Leases extends WorkOwner {
  /** Gives the node's word, and goes on giving it. @throws when the database cannot be written */
  hold: () => Promise<void>
  /** Takes it back: others may take over at once. */
  release: () => Promise<void>
}

/**
 * One row for each node that lives, renewed as long as it does. A node that could not renew it is taken for gone, by its own clock and
 * those of the others alike.
 *
 * @param node this node's name, another one at each start
 * @param now milliseconds since 1970
 */
export function createLeases(db: Kysely<Database>, node: string, onError: (error: unknown, where: string) => void, now: () => number = Date.now): Leases {
  let renewing: ReturnType<typeof setInterval> | undefined

  async function renew(): Promise<void> {
    const lease = { id: node, lease_until: now() + LEASE_MS }
    await db.insertInto('nodes').values(lease).onConflict(conflict => conflict.column('id').doUpdateSet(lease)).execute()
    // What is long over is nobody's any more.
    await db.deleteFrom('nodes').where('lease_until', '<', now() - 10 * LEASE_MS).execute()
  }

  return {
    node,
    async hold() {
      await renew()
      renewing = setInterval(() => void renew().catch((error: unknown) => onError(error, 'renewing the lease')), RENEW_MS)
      renewing.unref()
    },
    async gone(owners) {
      if (owners.length === 0) return new Set()
      const living = await db.selectFrom('nodes').select('id').where('lease_until', '>=', now()).execute()
      const names = new Set([node, ...living.map(({ id }) => id)])
      return new Set(owners.filter(owner => !names.has(owner)))
    },
    async release() {
      clearInterval(renewing)
      await db.deleteFrom('nodes').where('id', '=', node).execute()
    },
  }
}
