import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { CannotStart } from './cannot-start'
import { writeDurably } from './write-durably'

/** A development server loads itself anew in the same process, and its former self needs a moment to end. */
const OWN_FORMER_SELF_MS = 10_000
const RETRY_MS = 50

/** The right to use a data folder. */
export interface FolderLock {
  release: () => void
}

/**
 * Takes a data folder for this process alone. The lock is SQLite's own, on an empty file of its own: the system gives it back however
 * the process ends, SIGKILL included, so that no start ever finds a lock left behind (https://www.sqlite.org/lockingv3.html).
 *
 * @param folder the data folder; made where missing
 * @throws CannotStart naming the folder and the process that uses it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const holder = join(folder, 'lastra.pid')
  for (const started = performance.now(); ;) {
    const lock = tryLock(join(folder, 'lastra.lock'))
    if (lock) {
      writeDurably(holder, `${process.pid}\n`, 0o600)
      return lock
    }
    const pid = pidIn(holder)
    if (pid !== process.pid || performance.now() - started >= OWN_FORMER_SELF_MS) {
      throw new CannotStart(`${folder} is in use by another Lastra, process ${pid ?? 'unknown'}: end that one, or set NUXT_DATA_DIR to another folder`)
    }
    await new Promise(resolve => setTimeout(resolve, RETRY_MS))
  }
}

function tryLock(file: string): FolderLock | undefined {
  const sqlite = new SQLite(file, { timeout: 0 })
  try {
    // Never committed: the lock lasts as long as the connection.
    sqlite.exec('begin exclusive')
    return { release: () => void sqlite.close() }
  } catch (error) {
    sqlite.close()
    if (error instanceof SQLite.SqliteError && /^SQLITE_BUSY/.test(error.code)) return undefined
    throw new CannotStart(`${file} cannot be locked (${(error as Error).message}): the data folder must be on a local disk that its user may write to`, { cause: error })
  }
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}
