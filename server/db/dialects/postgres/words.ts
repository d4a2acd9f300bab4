import { sql } from 'kysely'
import type { Kysely, RawBuilder, Transaction } from 'kysely'
import type { Phrase, Text, WordKeeper, WordStore } from '..'
import { WORD_RULE, searchWords } from '../../../log/words'
import { StorageUnavailable } from '../../../storage/guard'
import type { Database, MessageRow } from '../../schema'
import { WORDS } from './baseline'

/** Messages whose words are made anew in one transaction. */
const PIECE = 200
/** After a piece that failed, the database may need a while. */
const RETRY_MS = 5_000

/** The words beside their texts, stored in the same transaction: nothing has to follow the log. */
export const words: WordStore = {
  async find(db, { id, floor }, phrases, limit) {
    const { rows } = await sql<MessageRow>`
      select m.* from (select message_id, words from message_words where ${WORDS} @@ ${wordQuery(id, phrases)}::tsquery and room_id = ${id}) w
      join messages m on m.id = w.message_id
      where m.state = 'live' and m.seq > ${floor} ${inOrder(phrases)}
      order by m.seq desc limit ${limit}`.execute(db)
    return rows
  },
  async put(trx, texts) {
    const said = texts.filter(({ text }) => text !== '')
    if (said.length > 0) await store(trx, said)
  },
  keeper: (db, onError) => new Keeper(db, onError),
}

/** All the words, in any order, as PostgreSQL asks for them; none holds a quote. */
function wordQuery(roomId: string, phrases: readonly Phrase[]): string {
  const all = phrases.flat()
  return [`~${roomId}`, ...all].map((word, n) => `'${word}'${n === all.length ? ':*' : ''}`).join(' & ')
}

/** Of the texts that hold the words, those that hold them one after the other, exactly. */
function inOrder(phrases: readonly Phrase[]): RawBuilder<unknown> {
  const checks = phrases.flatMap((phrase, n) => {
    if (phrase.length === 1) return []
    const end = n === phrases.length - 1 ? '' : ' '
    return [sql`and strpos(' ' || w.words || ' ', ${` ${phrase.join(' ')}${end}`}) > 0`]
  })
  return sql.join(checks, sql` `)
}

async function store(trx: Transaction<Database>, texts: readonly Text[]): Promise<void> {
  await sql`insert into message_words (message_id, room_id, words)
    select * from unnest(${texts.map(({ id }) => id)}::text[], ${texts.map(text => text.room_id)}::text[], ${texts.map(({ text }) => searchWords(text))}::text[])
    on conflict (message_id) do update set words = excluded.words`.execute(trx)
}

/** Makes words anew that another rule made: those of a server before this one, or none, as after a move from SQLite. */
class Keeper implements WordKeeper {
  private running?: Promise<void>
  private resting = false

  constructor(private readonly db: Kysely<Database>, private readonly onError: (error: unknown) => void) {}

  resume(): void {
    this.resting = false
    this.running ??= this.renew().finally(() => this.running = undefined)
  }

  stored(): void {}

  async caughtUp(): Promise<void> {}

  async drained(): Promise<void> {
    this.resting = true
    await this.running
  }

  private async renew(): Promise<void> {
    try {
      const started = await this.db.selectFrom('search_progress').select('rule').executeTakeFirstOrThrow()
      if (started.rule === WORD_RULE) return
      for (let after = 0; !this.resting;) {
        const last = await this.piece(after)
        if (last === undefined) return void await this.db.updateTable('search_progress').set({ rule: WORD_RULE }).execute()
        after = last
        await new Promise(resolve => setTimeout(resolve, 1))
      }
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) this.onError(error)
      setTimeout(() => this.resting || this.resume(), RETRY_MS).unref()
    }
  }

  /** @returns the last message of the piece, while there are more */
  private piece(after: number): Promise<number | undefined> {
    return this.db.transaction().execute(async (trx) => {
      // Held, so that no edit comes between a text and its words.
      const rows = await trx.selectFrom('messages').select(['n', 'id', 'room_id', 'text']).where('n', '>', after).orderBy('n').limit(PIECE).forUpdate().execute()
      await words.put(trx, rows)
      return rows.at(-1)?.n
    })
  }
}
