import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import { customAlphabet } from 'nanoid'
import type { User } from '#shared/protocol/frames'
import type { Database, UserRow } from '../db/schema'

const userId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 16)

/** Until organisations are managed (K5), everyone belongs to this one. */
export const DEFAULT_ORGANISATION = 'main'

/** How long somebody is believed without asking the database: another node's change is seen within that. */
const FRESH_MS = 4_000
const REMEMBERED = 10_000

/** The people Lastra knows. Guests are real users with the role `guest`. */
export interface Users {
  createGuest: (name: string) => Promise<User>
  find: (id: string) => Promise<{ user: User, orgId: string } | undefined>
  rename: (id: string, name: string) => Promise<void>
}

/** The role of a user in the organisation. */
export type RoleOf = (row: Pick<UserRow, 'id' | 'role'>) => User['role']

/** Finds roles: what the configuration says of somebody comes before what is stored. */
export function createRoles({ operators, admins }: { operators: ReadonlySet<string>, admins: ReadonlySet<string> }): RoleOf {
  return ({ id, role }) => admins.has(id) ? 'admin' : operators.has(id) ? 'operator' : role as User['role']
}

/** @param roles ids of users who are global operators or administrators by configuration */
export async function createUsers(db: Kysely<Database>, roles: { operators: ReadonlySet<string>, admins: ReadonlySet<string> }): Promise<Users> {
  await db.insertInto('organisations').values({ id: DEFAULT_ORGANISATION, name: 'Lastra', created_at: new Date().toISOString() })
    .onConflict(conflict => conflict.doNothing()).execute()

  const roleOf = createRoles(roles)
  const people = new LRUCache<string, { at: number, person: { user: User, orgId: string } }>({ max: REMEMBERED })

  function toUser(row: Pick<UserRow, 'id' | 'name' | 'role'>): User {
    return { id: row.id, name: row.name, role: roleOf(row) }
  }

  return {
    async createGuest(name) {
      const row = { id: userId(), org_id: DEFAULT_ORGANISATION, name, role: 'guest', created_at: new Date().toISOString() }
      await db.insertInto('users').values(row).execute()
      return toUser(row)
    },
    async find(id) {
      const known = people.get(id)
      const at = performance.now()
      if (known && at - known.at < FRESH_MS) return known.person
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row) return undefined
      const person = { user: toUser(row), orgId: row.org_id }
      people.set(id, { at, person })
      return person
    },
    async rename(id, name) {
      await db.updateTable('users').set({ name }).where('id', '=', id).execute()
      people.delete(id)
    },
  }
}
