import type { DatabaseHandle, DatabaseOptions } from './handle'
import { openSqlite } from './dialects/sqlite/open'

export type { DatabaseHandle, DatabaseOptions } from './handle'

/**
 * Opens a database and brings its schema up to date.
 *
 * @param target the file of an embedded one
 * @throws CannotStart when it cannot be opened, is damaged or empty, or a migration fails
 */
export function openDatabase(target: string, options: DatabaseOptions = {}): Promise<DatabaseHandle> {
  return openSqlite(target, options)
}
