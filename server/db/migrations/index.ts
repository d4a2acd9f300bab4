import type { Migration, MigrationProvider } from 'kysely'
import { roomsAndLog } from './0001-rooms-and-log'

const migrations: Record<string, Migration> = {
  '0001-rooms-and-log': roomsAndLog,
}

/** The migrations in code, because a bundled server has no folder to read them from. */
export const migrationProvider: MigrationProvider = { getMigrations: async () => migrations }
