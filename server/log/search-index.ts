import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Database } from '../db/schema'

/** Messages that go into the index in one transaction: about as many as take it ten milliseconds. */
const BATCH = 1000

/**
 * The words to search by. Putting each message into them as it is said would cost as much as storing it, and far less in the company
 * of a thousand others; so they follow the log at a distance of at most a few thousand messages, and catch up before a search.
 * How far they are stands in the database, in the same transaction: a crash neither skips a message nor takes one twice.
 */
export class SearchIndex {
  private behind = 0
  private catching?: Promise<void>

  /** @param onError told why messages could not be indexed; they are tried again with the next thousand */
  constructor(private readonly db: Kysely<Database>, private readonly onError: (error: unknown) => void) {}

  /** Takes note of messages that were stored. */
  stored(messages: number): void {
    this.behind += messages
    if (this.behind >= BATCH) this.catchUp().catch(this.onError)
  }

  /** Resolves when everything said so far can be found, or what was indexed before, where the disk takes no more. */
  async caughtUp(): Promise<void> {
    // What runs already may have begun before the last word was stored.
    await this.catching?.catch(() => undefined)
    await this.catchUp().catch(this.onError)
  }

  /** Waits until nothing is being indexed. */
  async drained(): Promise<void> {
    await this.catching?.catch(() => undefined)
  }

  private catchUp(): Promise<void> {
    this.catching ??= this.indexAll().finally(() => this.catching = undefined)
    return this.catching
  }

  private async indexAll(): Promise<void> {
    this.behind = 0
    while (await this.indexBatch() === BATCH);
  }

  /** Indexes the messages that come next. @returns how many */
  private async indexBatch(): Promise<number> {
    return this.db.transaction().execute(async (trx) => {
      const { indexed } = await trx.selectFrom('search_progress').select('indexed').executeTakeFirstOrThrow()
      const next = await trx.selectFrom('messages').select('n').where('n', '>', indexed).orderBy('n').limit(BATCH).execute()
      const last = next.at(-1)
      if (!last) return 0
      await sql`insert into message_search(rowid, room_id, text) select n, room_id, text from messages where n > ${indexed} and n <= ${last.n}`.execute(trx)
      await trx.updateTable('search_progress').set({ indexed: last.n }).execute()
      return next.length
    })
  }
}
