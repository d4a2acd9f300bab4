import { CompiledQuery } from 'kysely'
import type { KyselyPlugin } from 'kysely'
import { expect, it } from 'vitest'
import { createRoomDirectory } from '../../../../../../server/rooms/directory'
import { createTestDatabase } from '../../../../../support/database'

it('finds the rooms of a list by their index, however many there are', async () => {
  const database = await createTestDatabase()
  const { db } = database.handle
  const asked: CompiledQuery[] = []
  const listener: KyselyPlugin = {
    transformQuery({ node, queryId }) {
      asked.push(db.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await createRoomDirectory(db.withPlugin(listener), { creation: true }).list('main', 'somebody', 100)
  // The last one is the whole; those before it are its parts.
  const whole = asked.at(-1)
  const { rows } = await db.executeQuery<{ detail: string }>(CompiledQuery.raw(`explain query plan ${whole?.sql}`, [...whole?.parameters ?? []]))
  const plan = rows.map(({ detail }) => detail).join('\n')
  expect(plan).toContain('rooms_listed')
  expect(plan).toContain('room_members_user')
  expect(plan).not.toMatch(/SCAN room|SEARCH rooms USING INDEX sqlite_autoindex_rooms_2/)
  await database.dispose()
})
