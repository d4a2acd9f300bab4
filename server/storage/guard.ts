import { statSync } from 'node:fs'
import { ProtocolError } from '#shared/protocol/errors'

/** What can be wrong with where things are stored, in words for whoever runs the server. */
export const FAULTS = {
  gone: 'the database or its folder was removed under the running server: put it back as it was, or restore a backup and restart',
  replaced: 'another file stands where the database was: restart the server to use it, or put the first one back',
  full: 'the disk is full: make space; it goes on by itself then',
  locked: 'another program holds the database: wait for it, or end it',
  unreachable: 'PostgreSQL cannot be reached: look at it and at the network; it goes on by itself then',
  failing: 'the disk or its file system refuses to write: look into the log and at the disk',
} as const

export type Fault = keyof typeof FAULTS

/** When a client should try again what could not be stored. */
const RETRY_MS = 1000

/** A write that was refused because of where things are stored, and that the same client may well succeed with later. */
export class StorageUnavailable extends ProtocolError {
  constructor(readonly fault: Fault, cause?: unknown) {
    super('unavailable', 'the server cannot store anything at the moment', { retryAfterMs: RETRY_MS, cause })
    this.name = 'StorageUnavailable'
  }
}

/** Watches that what is acked is what a restart will find, and knows why where it is not. */
export interface StorageGuard {
  /** Whether the open files are still those at their paths. @throws StorageUnavailable where they are not */
  verify: () => void
  /** Takes note of what kept a write from the disk. @returns what to throw: the same error where it says nothing about storage */
  failed: (error: unknown) => unknown
  /** Takes note of a write that reached the disk. */
  succeeded: () => void
  /** Takes note of a fault that lasts, as a lock of another program. */
  note: (fault: Fault) => void
  /** What is wrong now. */
  fault: () => Fault | undefined
}

/**
 * @param files what is open and must stay where it is: the database and its log; they exist
 * @param onChange told when something went wrong, and with `undefined` when it is well again
 */
export function createStorageGuard(files: readonly string[], onChange: (fault: Fault | undefined, cause?: unknown) => void = () => undefined): StorageGuard {
  const opened = files.map(file => identityOf(file))
  let current: Fault | undefined

  function change(fault: Fault | undefined, cause?: unknown): void {
    if (fault === current) return
    current = fault
    onChange(fault, cause)
  }

  function moved(): 'gone' | 'replaced' | undefined {
    for (let n = 0; n < files.length; n++) {
      const identity = identityOf(files[n] ?? '')
      if (identity === undefined) return 'gone'
      if (identity !== opened[n]) return 'replaced'
    }
    return undefined
  }

  return {
    verify() {
      const fault = moved()
      if (fault) {
        change(fault)
        throw new StorageUnavailable(fault)
      }
      if (current === 'gone' || current === 'replaced') change(undefined)
    },
    failed(error) {
      if (error instanceof StorageUnavailable) return error
      const fault = faultOf(error)
      if (fault === undefined) return error
      change(moved() ?? fault, error)
      return new StorageUnavailable(current ?? fault, error)
    },
    succeeded: () => change(undefined),
    note: fault => change(fault),
    fault() {
      const fault = moved()
      if (fault) change(fault)
      else if (current === 'gone' || current === 'replaced') change(undefined)
      return current
    },
  }
}

/** What makes a file the one that was opened: its device and its number there; undefined where there is none. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino } = statSync(file)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/** Which fault an error of SQLite means (https://www.sqlite.org/rescode.html). */
function faultOf(error: unknown): Fault | undefined {
  const code = (error as { code?: unknown } | undefined)?.code
  if (typeof code !== 'string') return undefined
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'full'
  if (/^SQLITE_(?:BUSY|LOCKED|PROTOCOL)/.test(code)) return 'locked'
  if (/^SQLITE_(?:IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|PERM)/.test(code)) return 'failing'
  return undefined
}
