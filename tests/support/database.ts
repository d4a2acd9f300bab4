import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nanoid } from 'nanoid'
import { Client } from 'pg'
import { inject } from 'vitest'
import { openDatabase } from '../../server/db/client'
import type { DatabaseHandle, DatabaseOptions } from '../../server/db/client'
import { createUsers } from '../../server/auth/users'
import { createRoomDirectory } from '../../server/rooms/directory'
import type { Room } from '../../server/rooms/types'
import { TEMPLATE } from './postgres-project'
import type { User } from '../../shared/protocol/frames'

/** A real database of a test's own, with a way to make people and rooms. */
export interface TestDatabase {
  handle: DatabaseHandle
  /** What it was opened by: a file, or the address of a database of PostgreSQL. */
  target: string
  /** All that it keeps: of the embedded one what its files hold, of PostgreSQL what it gives to whoever reads its tables. */
  raw: () => Promise<string>
  /** The same opened once more, as another node does. */
  again: (options?: DatabaseOptions) => Promise<DatabaseHandle>
  addUser: (name: string) => Promise<User>
  addRoom: (name: string, host: User) => Promise<Room>
  /** Closes it and removes it. */
  dispose: () => Promise<void>
}

/** Makes a database of the engine that the suite runs on: PostgreSQL in the suite of that name, SQLite in all others. */
export async function createTestDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const port = inject('postgresPort') as number | undefined
  const place = port === undefined ? folder() : await database(port)
  const handle = await openDatabase(place.target, options)
  const users = await createUsers(handle.db, { operators: new Set(), admins: new Set() })
  const rooms = createRoomDirectory(handle.db, { creation: true })
  const handles = [handle]
  return {
    handle,
    target: place.target,
    raw: place.raw,
    async again(anew = {}) {
      const other = await openDatabase(place.target, anew)
      handles.push(other)
      return other
    },
    addUser: users.createGuest,
    addRoom: async (name, host) => (await rooms.admit('main', name, host)).room,
    async dispose() {
      for (const open of handles) await open.close()
      await place.remove()
    },
  }
}

interface Place {
  target: string
  raw: () => Promise<string>
  remove: () => Promise<void>
}

function folder(): Place {
  const path = mkdtempSync(join(tmpdir(), 'lastra-unit-'))
  const target = join(path, 'lastra.db')
  return {
    target,
    raw: async () => [target, `${target}-wal`].filter(existsSync).map(file => readFileSync(file, 'latin1')).join(''),
    remove: async () => rmSync(path, { recursive: true, force: true }),
  }
}

async function database(port: number): Promise<Place> {
  const name = `test_${nanoid(12).toLowerCase().replaceAll('-', '_')}`
  const at = (database: string): string => `postgres://lastra@127.0.0.1:${port}/${database}`
  await asking(at('postgres'), client => client.query(`create database "${name}" template ${TEMPLATE}`))
  return {
    target: at(name),
    raw: () => asking(at(name), async (client) => {
      const { rows } = await client.query<{ tablename: string }>(`select tablename from pg_tables where schemaname = 'public'`)
      let all = ''
      for (const { tablename } of rows) all += JSON.stringify((await client.query(`select t::text from "${tablename}" t`)).rows)
      return all
    }),
    remove: async () => void await asking(at('postgres'), client => client.query(`drop database "${name}" with (force)`)),
  }
}

async function asking<T>(url: string, ask: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return await ask(client)
  } finally {
    await client.end()
  }
}
