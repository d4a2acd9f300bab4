import type SQLite from 'better-sqlite3'
import { CompiledQuery, SqliteDialect } from 'kysely'
import type { DatabaseConnection, Driver, QueryResult, SqliteDatabase, TransactionSettings } from 'kysely'
import type { StorageGuard } from '../../../storage/guard'
import { Turnstile } from './turns'

/** How long a write waits for another program that holds the database, before its client is told to try again. */
const PATIENCE_MS = 5_000
/** Between two tries: from, and at most. */
const RETRY_MS = { first: 5, most: 100 }
/** A wait of so long is worth a word. */
const NOTED_MS = 1_000

/** What the driver works with. */
export interface LaneOptions {
  sqlite: SQLite.Database
  /** The same database with its statements kept ready. */
  statements: SqliteDatabase
  guard: StorageGuard
  /** Milliseconds a write waits for another program. @default PATIENCE_MS */
  patienceMs?: number
}

/**
 * SQLite for Kysely, on one connection, without waiting inside of SQLite: its own driver would stop the event loop for as long as
 * another program holds the database. A write takes the lock when it begins (`begin immediate`) and, where it cannot,
 * tries again later, while reads go on. Before a write and after its commit the guard looks whether the files are still those
 * at their paths: what a restart would not find is never acked.
 */
export class LaneDialect extends SqliteDialect {
  constructor(private readonly lane: Lane) {
    super({ database: lane.options.statements })
  }

  override createDriver(): Driver {
    return new LaneDriver(this.lane)
  }
}

class LaneDriver implements Driver {
  constructor(private readonly lane: Lane) {}

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new LaneConnection(this.lane)
  }

  async beginTransaction(connection: DatabaseConnection, { accessMode }: TransactionSettings): Promise<void> {
    await (connection as LaneConnection).begin(accessMode === 'read only')
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as LaneConnection).commit()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    (connection as LaneConnection).rollback()
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.lane.close()
  }
}

/** One query, or one transaction, on its way through the lane. */
class LaneConnection implements DatabaseConnection {
  private within?: 'reading' | 'writing'

  constructor(private readonly lane: Lane) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.within ? this.lane.run<R>(query) : this.lane.alone<R>(query)
  }

  // eslint-disable-next-line require-yield
  async* streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('[db] nothing is streamed: read in pages')
  }

  async begin(reading: boolean): Promise<void> {
    await this.lane.begin(reading)
    this.within = reading ? 'reading' : 'writing'
  }

  commit(): void {
    const written = this.within === 'writing'
    this.lane.commit(written)
    this.within = undefined
    this.lane.leave()
    if (written) this.lane.committed()
  }

  rollback(): void {
    // A commit that succeeded, and whose files were gone then, has nothing to take back.
    if (!this.within) return
    this.within = undefined
    this.lane.rollback()
    this.lane.leave()
  }
}

/** A statement that is a transaction by itself, and whoever waits for it. */
interface LoneWrite {
  query: CompiledQuery
  done: (result: QueryResult<never>) => void
  failed: (error: unknown) => void
}

/** The one connection, and whose turn it is. */
export class Lane {
  private readonly turns = new Turnstile()
  /** Statements that wait for the same turn. */
  private together?: LoneWrite[]

  constructor(readonly options: LaneOptions) {}

  /** Runs a statement of the transaction that has the turn. */
  run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    try {
      const statement = this.options.statements.prepare(sql)
      if (statement.reader) return { rows: statement.all(parameters) as R[] }
      const { changes, lastInsertRowid } = statement.run(parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (error) {
      throw this.options.guard.failed(error)
    }
  }

  /** Runs a statement that is a transaction by itself. */
  async alone<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.reads(query.sql)) {
      await this.turns.take()
      try {
        return this.run(query)
      } finally {
        this.turns.give()
      }
    }
    return new Promise((resolve, reject) => {
      const write: LoneWrite = { query, done: resolve as LoneWrite['done'], failed: reject }
      if (this.together) {
        this.together.push(write)
        return
      }
      const writes = this.together = [write]
      void this.takeToWrite().then(() => this.writeAll(writes), (error: unknown) => {
        this.seal(writes)
        for (const { failed } of writes) failed(error)
      })
    })
  }

  /**
   * Writes what waits for the same turn in one transaction, with one sync to disk. A statement that is refused leaves the others as they
   * are; none is done before all that was not refused is on disk.
   */
  private writeAll(writes: LoneWrite[]): void {
    this.seal(writes)
    const ends: (() => void)[] = []
    try {
      for (const { query, done, failed } of writes) {
        try {
          const result = this.run<never>(query)
          ends.push(() => done(result))
        } catch (error) {
          // SQLite took all of it back by itself, as when the disk is full.
          if (!this.options.sqlite.inTransaction) throw error
          ends.push(() => failed(error))
        }
      }
      this.commit(true)
      this.committed()
    } catch (error) {
      this.rollback()
      ends.splice(0, Infinity, ...writes.map(({ failed }) => () => failed(error)))
    } finally {
      this.turns.give()
    }
    for (const end of ends) end()
  }

  /** What is asked for from now on is for a later turn. */
  private seal(writes = this.together): void {
    if (this.together === writes) this.together = undefined
  }

  async begin(reading: boolean): Promise<void> {
    // Its place is behind what was asked for before it, and before what comes after.
    this.seal()
    if (!reading) return this.takeToWrite()
    await this.turns.take()
    try {
      this.run(CompiledQuery.raw('begin'))
    } catch (error) {
      this.turns.give()
      throw error
    }
  }

  /** @throws StorageUnavailable when what was written did not reach the disk */
  commit(written: boolean): void {
    this.run(CompiledQuery.raw('commit'))
    if (written) this.options.guard.succeeded()
  }

  /** Looks where a commit went, once it did. @throws StorageUnavailable where a restart would not find it */
  committed(): void {
    this.options.guard.verify()
  }

  /** Takes a transaction back, unless SQLite did so itself, as when the disk is full: then the first error is the one to tell. */
  rollback(): void {
    if (this.options.sqlite.inTransaction) this.options.sqlite.exec('rollback')
  }

  leave(): void {
    this.turns.give()
  }

  /** Does something with the connection itself, between the transactions of others. */
  async between<T>(work: (sqlite: SQLite.Database) => T): Promise<T> {
    await this.turns.take()
    try {
      return work(this.options.sqlite)
    } finally {
      this.turns.give()
    }
  }

  close(): void {
    this.options.sqlite.close()
  }

  /** Begins a write transaction as soon as nobody else writes. The turn is given back between two tries, so that reads go on. */
  private async takeToWrite(): Promise<void> {
    const started = performance.now()
    for (let pause = RETRY_MS.first; ; pause = Math.min(RETRY_MS.most, pause * 2)) {
      await this.turns.take()
      let failure: unknown
      try {
        this.options.guard.verify()
        this.options.statements.prepare('begin immediate').run([])
        return
      } catch (error) {
        failure = error
        this.turns.give()
      }
      const waited = performance.now() - started
      if (!isBusy(failure) || waited >= (this.options.patienceMs ?? PATIENCE_MS)) throw this.options.guard.failed(failure)
      if (waited >= NOTED_MS) this.options.guard.note('locked')
      await new Promise(resolve => setTimeout(resolve, pause))
    }
  }

  /** Whether a statement changes nothing, as SQLite itself says; a pragma is a setting of the connection. */
  private reads(sql: string): boolean {
    return /^\s*pragma\b/i.test(sql) || (this.options.statements.prepare(sql) as unknown as SQLite.Statement).readonly
  }
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_BUSY/.test(String((error as { code?: unknown }).code))
}
