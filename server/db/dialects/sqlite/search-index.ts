import { sql } from 'kysely'
import type { Kysely, Transaction } from 'kysely'
import { createSearchTable } from './search-table'
import type { Database } from '../../schema'
import { StorageUnavailable } from '../../../storage/guard'
import { WORD_RULE } from '../../../log/words'
import type { WordKeeper } from '..'

/** Messages that go into the index in one transaction, and their bytes of text: about as many as take it ten milliseconds. */
const BATCH = { messages: 1000, bytes: 131_072 }
/** A search waits no longer for the newest words, as while another program holds the database: it answers with those there are. */
const PATIENCE_MS = 1_000
/** After a piece that failed, the disk may need a while. */
const RETRY_MS = 5_000

/**
 * The words to search by. Putting each message into them as it is said would cost as much as storing it, and far less in the company
 * of a thousand others; so they follow the log at a distance of at most a few thousand messages, and catch up before a search.
 * How far they are stands in the database, in the same transaction: a crash neither skips a message nor takes one twice. They hold
 * the messages after `since` and up to `indexed`; an index that was made anew begins at the newest and grows backwards, too.
 */
export class SearchIndex implements WordKeeper {
  private behind = 0
  private catching?: Promise<void>
  private following?: Promise<void>
  private resting = false

  /** @param onError told why messages could not be indexed; they are tried again with the next thousand */
  constructor(private readonly db: Kysely<Database>, private readonly onError: (error: unknown) => void) {}

  /** Goes on with what an earlier run of the server had not come to. */
  resume(): void {
    this.resting = false
    this.following ??= this.follow().finally(() => this.following = undefined)
  }

  /** Takes note of messages that were stored. */
  stored(messages: number): void {
    this.behind += messages
    if (this.behind >= BATCH.messages) this.catchUp().catch(this.onError)
  }

  /** Resolves when everything said since the index was made can be found, or what was indexed before, where the disk takes no more. */
  async caughtUp(): Promise<void> {
    // What runs already may have begun before the last word was stored.
    const caught = (this.catching ?? Promise.resolve()).catch(() => undefined)
      .then(() => this.catchUp()).then(() => this.backwards()).catch((error: unknown) => this.report(error))
    let timer: NodeJS.Timeout | undefined
    await Promise.race([caught, new Promise(resolve => timer = setTimeout(resolve, PATIENCE_MS))])
    clearTimeout(timer)
  }

  /** Waits until nothing is being indexed. */
  async drained(): Promise<void> {
    this.resting = true
    await this.catching?.catch(() => undefined)
    await this.following
  }

  private report(error: unknown): void {
    if (!(error instanceof StorageUnavailable)) this.onError(error)
  }

  private catchUp(): Promise<void> {
    this.catching ??= this.indexAll().finally(() => this.catching = undefined)
    return this.catching
  }

  private async indexAll(): Promise<void> {
    this.behind = 0
    while (await this.forwards()) await turn()
  }

  /** Brings an index that another rule made, and what was said before it was made, up to date: as long a rest after each piece as it took. */
  private async follow(): Promise<void> {
    try {
      await this.renew()
      for (let started = performance.now(); !this.resting && await this.backwards(); started = performance.now()) await turn(performance.now() - started)
    } catch (error) {
      this.report(error)
      setTimeout(() => this.resting || this.resume(), RETRY_MS).unref()
    }
  }

  private async renew(): Promise<void> {
    const { rule } = await this.db.selectFrom('search_progress').select('rule').executeTakeFirstOrThrow()
    if (rule === WORD_RULE) return
    await this.db.transaction().execute(async (trx) => {
      await createSearchTable(trx as unknown as Kysely<unknown>)
      const newest = await trx.selectFrom('messages').select(({ fn }) => fn.max('n').as('n')).executeTakeFirst()
      await trx.updateTable('search_progress').set({ rule: WORD_RULE, since: newest?.n ?? 0, indexed: newest?.n ?? 0 }).execute()
    })
  }

  /** Indexes the messages that come next. @returns whether a whole batch was there: what comes meanwhile waits for its company */
  private async forwards(): Promise<boolean> {
    // Asked first: nobody who searches takes the right to write for nothing.
    const { rows } = await sql`select 1 from search_progress where exists (select 1 from messages where n > indexed)`.execute(this.db)
    return rows.length > 0 && this.db.transaction().execute(async (trx) => {
      const { indexed } = await trx.selectFrom('search_progress').select('indexed').executeTakeFirstOrThrow()
      const next = await this.sizes(trx).where('n', '>', indexed).orderBy('n').execute()
      const last = fitting(next)
      if (last === undefined) return false
      await insert(trx, indexed, last)
      await trx.updateTable('search_progress').set({ indexed: last }).execute()
      return next.length === BATCH.messages || last !== next.at(-1)?.n
    })
  }

  /** Indexes the messages that came before. @returns whether there may be more */
  private async backwards(): Promise<boolean> {
    const { rows } = await sql`select 1 from search_progress where since > 0`.execute(this.db)
    return rows.length > 0 && this.db.transaction().execute(async (trx) => {
      const { since } = await trx.selectFrom('search_progress').select('since').executeTakeFirstOrThrow()
      if (since === 0) return false
      const first = fitting(await this.sizes(trx).where('n', '<=', since).orderBy('n', 'desc').execute())
      if (first !== undefined) await insert(trx, first - 1, since)
      await trx.updateTable('search_progress').set({ since: first === undefined ? 0 : first - 1 }).execute()
      return first !== undefined
    })
  }

  private sizes(trx: Transaction<Database>) {
    return trx.selectFrom('messages').select(['n', sql<number>`octet_length(text)`.as('bytes')]).limit(BATCH.messages)
  }
}

/** The last of the messages that go into one transaction. */
function fitting(messages: readonly { n: number, bytes: number }[]): number | undefined {
  let bytes = 0
  return messages.filter((message, i) => (bytes += message.bytes) <= BATCH.bytes || i === 0).at(-1)?.n
}

async function insert(trx: Transaction<Database>, after: number, upTo: number): Promise<void> {
  await sql`insert into message_search(rowid, room_id, words)
    select n, room_id, search_words(text) from messages where n > ${after} and n <= ${upTo} and text <> '' order by n`.execute(trx)
}

function turn(ms = 0): Promise<void> {
  return new Promise(resolve => ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve))
}
