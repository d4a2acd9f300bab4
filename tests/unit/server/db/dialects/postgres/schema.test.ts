import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '../../../../../../server/db/client'
import type { DatabaseHandle } from '../../../../../../server/db/client'
import { createTestDatabase } from '../../../../../support/database'

/** Tables that one engine alone has: the words beside their texts. */
const OWN = /^message_(?:search|words)/

/** Each column with whether it may be left empty, by table. */
async function columns({ db }: DatabaseHandle): Promise<Record<string, string[]>> {
  const tables = (await db.introspection.getTables()).filter(({ name }) => !OWN.test(name) && name !== 'log')
  return Object.fromEntries(tables.map(({ name, columns }) => [
    name, columns.map(column => `${column.name}${column.isNullable && column.name !== 'n' && column.name !== 'id' ? '?' : ''}`).toSorted(),
  ]))
}

it('PostgreSQL has every table and column that SQLite has after all its migrations, and no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-schema-'))
  const sqlite = await openDatabase(join(folder, 'lastra.db'))
  const postgres = await createTestDatabase()
  // Keys of SQLite's older tables may be empty as far as it says; what they hold is the same.
  const nullable = (all: Record<string, string[]>) => Object.fromEntries(Object.entries(all).map(([name, of]) => [name, of.map(column => column.replace(/^(key|room_id)\?$/, '$1'))]))
  expect(nullable(await columns(postgres.handle))).toEqual(nullable(await columns(sqlite)))
  await sqlite.close()
  rmSync(folder, { recursive: true })
  await postgres.dispose()
})
