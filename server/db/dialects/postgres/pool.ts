import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { Pool, types } from 'pg'
import type { PoolClient } from 'pg'
import { restored, storable } from './exact-text'
import type { Reach } from './reach'

/** A connection that is not there by then is not waited for. */
const CONNECT_MS = 5_000
/** A question that is not answered by then never will be: its connection is cut. */
const ANSWER_MS = 15_000
/** Statements that the server keeps ready on each connection; those with a list of values have a text for each length of it, hence a bound. */
const KEPT_STATEMENTS = 300

/** Types that node-postgres would give as text, int8 and numeric: counts, `seq`s, times and bytes are all exact as numbers here. */
const NUMBERS = new Set([20, 1700])
const TEXT = 25

/**
 * Connections to PostgreSQL as Kysely uses them: statements are prepared once a connection, numbers are numbers, and every error tells
 * whether the database can be reached at all.
 *
 * @param url `postgres://…`
 * @param most connections at a time
 */
export function createPool(url: string, most: number, reach: Reach): PostgresPool {
  const names = new Map<string, string>()
  const clients = new WeakMap<PoolClient, PostgresPoolClient>()
  const pool = new Pool({
    connectionString: url,
    max: most,
    application_name: 'lastra',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    types: { getTypeParser: parserOf as typeof types.getTypeParser },
  })
  // A connection may end between two questions, while nobody uses it and while somebody does: unheard, either would end the process.
  pool.on('error', error => void reach.failed(error))
  pool.on('connect', client => void client.on('error', (error: Error) => void reach.failed(error)))

  function nameOf(sql: string): string | undefined {
    const known = names.get(sql)
    if (known !== undefined || names.size >= KEPT_STATEMENTS) return known
    const name = `s${names.size}`
    names.set(sql, name)
    return name
  }

  function wrap(client: PoolClient): PostgresPoolClient {
    let broken = false
    async function query<R>(sql: unknown, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
      if (typeof sql !== 'string') throw new Error('[db] nothing is streamed: read in pages')
      try {
        const name = parameters.length > 0 ? nameOf(sql) : undefined
        const result = await client.query<Record<string, unknown>>({ text: sql, values: parameters.map(exactly), ...(name !== undefined && { name }) })
        reach.succeeded()
        return result as unknown as PostgresQueryResult<R>
      } catch (error) {
        const told = reach.failed(error)
        if (told !== error) broken = true
        throw told
      }
    }
    return {
      query: query as PostgresPoolClient['query'],
      release() {
        // One that may still be in the middle of something is not given to the next.
        client.release(broken)
        broken = false
      },
    }
  }

  return {
    async connect() {
      try {
        const client = await pool.connect()
        const wrapped = clients.get(client) ?? wrap(client)
        clients.set(client, wrapped)
        return wrapped
      } catch (error) {
        throw reach.failed(error)
      }
    },
    end: () => pool.end(),
  }
}

function parserOf(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (NUMBERS.has(oid)) return Number
  return oid === TEXT ? restored : types.getTypeParser(oid, format)
}

function exactly(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  return Array.isArray(value) ? value.map(exactly) : value
}
