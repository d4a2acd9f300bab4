import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../server/db/client'
import type { DatabaseHandle, DatabaseOptions } from '../../server/db/client'
import { createUsers } from '../../server/auth/users'
import { createRoomDirectory } from '../../server/rooms/directory'
import type { Room } from '../../server/rooms/types'
import type { User } from '../../shared/protocol/frames'

/** A real embedded database in a folder of its own, with a way to make people and rooms. */
export interface TestDatabase {
  handle: DatabaseHandle
  file: string
  addUser: (name: string) => Promise<User>
  addRoom: (name: string, host: User) => Promise<Room>
  /** Closes it and removes its folder. */
  dispose: () => Promise<void>
}

export async function createTestDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'lastra-unit-'))
  const file = join(folder, 'lastra.db')
  const handle = await openDatabase(file, options)
  const users = await createUsers(handle.db, { operators: new Set(), admins: new Set() })
  const rooms = createRoomDirectory(handle.db, { creation: true })
  return {
    handle,
    file,
    addUser: users.createGuest,
    addRoom: async (name, host) => (await rooms.admit('main', name, host)).room,
    async dispose() {
      await handle.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
