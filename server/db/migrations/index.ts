import type { Migration, MigrationProvider } from 'kysely'
import { baseline } from '../dialects/postgres/baseline'
import { roomsAndLog } from './0001-rooms-and-log'
import { bots } from './0003-bots'
import { agentSessions } from './0004-agent-sessions'
import { settings } from './0002-settings'
import { timers } from './0005-timers'
import { leanLog } from './0006-lean-log'
import { listedRooms } from './0007-listed-rooms'
import { erasures } from './0008-erasures'
import { searchWords } from './0009-search-words'
import { sessions } from './0010-sessions'
import { toldEntries } from './0011-told-entries'
import { calls } from './0013-calls'
import { roomAddresses } from './0015-room-addresses'
import { leases } from './0017-leases'
import { callPlaces } from './0018-call-places'

/** Made while there was SQLite alone. */
const ofSqlite: Record<string, Migration> = {
  '0001-rooms-and-log': roomsAndLog,
  '0002-settings': settings,
  '0003-bots': bots,
  '0004-agent-sessions': agentSessions,
  '0005-timers': timers,
  '0006-lean-log': leanLog,
  '0007-listed-rooms': listedRooms,
  '0008-erasures': erasures,
  '0009-search-words': searchWords,
  '0010-sessions': sessions,
  '0011-told-entries': toldEntries,
  '0013-calls': calls,
  '0015-room-addresses': roomAddresses,
}

/** What PostgreSQL begins with. */
const ofPostgres: Record<string, Migration> = { '0015-postgres': baseline }

/** The same for both. */
const ofBoth: Record<string, Migration> = {
  '0017-leases': leases,
  '0018-call-places': callPlaces,
}

/**
 * The migrations in code, because a bundled server has no folder to read them from.
 *
 * @param told hears of each step before it is taken: with much in the database it takes a while, in which nothing else happens
 */
export function migrationsFor(engine: 'sqlite' | 'postgres', told: (step: string) => void = () => undefined): MigrationProvider {
  const migrations = { ...(engine === 'sqlite' ? ofSqlite : ofPostgres), ...ofBoth }
  const announced = Object.entries(migrations).map(([name, migration]): [string, Migration] => [name, {
    ...migration,
    up(db) {
      told(name)
      return migration.up(db)
    },
  }])
  return { getMigrations: async () => Object.fromEntries(announced) }
}
