import type { DatabaseHandle, DatabaseOptions } from './handle'
import { openPostgres } from './dialects/postgres/open'
import { openSqlite } from './dialects/sqlite/open'

export type { DatabaseHandle, DatabaseOptions } from './handle'

/**
 * Opens a database and brings its schema up to date.
 *
 * @param target the file of an embedded one, or `postgres://…`
 * @throws CannotStart when it cannot be opened, is damaged or empty, or a migration fails
 */
export function openDatabase(target: string, options: DatabaseOptions = {}): Promise<DatabaseHandle> {
  return isPostgres(target) ? openPostgres(target, options) : openSqlite(target, options)
}

/** Whether a target is a database of its own, and no file. */
export function isPostgres(target: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(target)
}
