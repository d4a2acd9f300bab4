import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createTestDatabase } from '../../../../../support/database'

it('keeps what people wrote from other users of the machine', async () => {
  const database = await createTestDatabase()
  for (const file of [database.target, `${database.target}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600)
  await database.dispose()
})
