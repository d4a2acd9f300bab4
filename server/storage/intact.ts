import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './cannot-start'

/** The names of what Lastra keeps in its data folder. */
export const DATABASE_FILE = 'lastra.db'
export const SECRETS_FILE = 'secrets.json'

/**
 * Whether a data folder has been used: secrets are made last at a first start, when the database is whole.
 *
 * @param folder the data folder, which may not exist yet
 * @returns whether there was a first start that succeeded
 * @throws CannotStart where the secrets of one are there and its database is not: to start anew would hide the loss
 */
export function hasBeenUsed(folder: string): boolean {
  const [database, secrets] = [join(folder, DATABASE_FILE), join(folder, SECRETS_FILE)]
  if (!existsSync(secrets)) return false
  if (!existsSync(database)) throw lost(database, 'is missing')
  if (statSync(database).size === 0) throw lost(database, 'is empty')
  if (isCutOff(database)) throw lost(database, 'is cut off')
  return true
}

/**
 * Whether a database file is shorter than its own header says (https://www.sqlite.org/fileformat.html: the size of a page at byte 16,
 * the number of pages at byte 28), which SQLite finds out only when it needs what is missing. While the log beside it holds something,
 * the file may rightly be behind.
 */
function isCutOff(database: string): boolean {
  const log = `${database}-wal`
  if (existsSync(log) && statSync(log).size > 0) return false
  const header = Buffer.alloc(100)
  const descriptor = openSync(database, 'r')
  try {
    if (readSync(descriptor, header, 0, 100, 0) < 100) return true
  } finally {
    closeSync(descriptor)
  }
  const stored = header.readUInt16BE(16)
  return statSync(database).size < (stored === 1 ? 65_536 : stored) * header.readUInt32BE(28)
}

/** @returns what to throw for a database that was there and is not any more */
export function lost(database: string, how: string): CannotStart {
  return new CannotStart(`${database} ${how}, though this folder was in use: restore the database from a backup, or move the whole folder away to begin anew`)
}
