import type { Kysely } from 'kysely'
import type { Fault } from '../storage/guard'
import type { Dialect } from './dialects'
import type { Database } from './schema'

/** An open database: the query builder, what its engine does in its own way, and how well it is. */
export interface DatabaseHandle {
  readonly db: Kysely<Database>
  readonly dialect: Dialect
  /**
   * Takes what was erased off the disk, as far as the engine lets one. Resolves when it was tried, never fails, and is tried again where
   * another program was in the way.
   */
  purge: () => Promise<void>
  /** What keeps writes from the disk now; undefined where nothing does. */
  fault: () => Fault | undefined
  /** Finds out whether a fault is over, by a query that changes nothing. */
  probe: () => Promise<void>
  close: () => Promise<void>
}

export interface DatabaseOptions {
  /** Whether an embedded database must be there already, as after a first start. @default false */
  used?: boolean
  /** Told of each step by which a database with a past is brought up to date. */
  onUpgrade?: (step: string) => void
  /** Told when storing began to fail, and with `undefined` when it is well again. */
  onFault?: (fault: Fault | undefined, cause?: unknown) => void
  /** Milliseconds a write waits while another program holds the embedded database. @default 5000 */
  patienceMs?: number
  /** Connections to PostgreSQL at most. @default 10 */
  connections?: number
}
