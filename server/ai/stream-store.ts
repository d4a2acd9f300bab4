import type { Kysely } from 'kysely'
import type { AppendMessage } from '../log/types'
import { GroupCommit } from '../db/group-commit'
import type { AiStreamTable, Database } from '../db/schema'
import { botUserId } from './persona'

export type StreamRow = AiStreamTable

/** Answers on their way, on disk: what a server that was killed had said is not lost. */
export interface StreamStore {
  begin: (row: StreamRow) => Promise<void>
  /** Keeps what was said up to now in several answers. */
  keep: (said: readonly { id: string, text: string }[]) => Promise<void>
  end: (id: string) => Promise<void>
  /** What an earlier run of the server left behind. */
  left: () => Promise<StreamRow[]>
}

type Change = { begin: StreamRow } | { id: string, text: string } | { end: string }

export function createStreamStore(db: Kysely<Database>): StreamStore {
  const commits = new GroupCommit<Change>(changes => db.transaction().execute(async (trx) => {
    for (const change of changes) {
      if ('begin' in change) await trx.insertInto('ai_streams').values(change.begin).onConflict(conflict => conflict.column('id').doUpdateSet(change.begin)).execute()
      else if ('end' in change) await trx.deleteFrom('ai_streams').where('id', '=', change.end).execute()
      else await trx.updateTable('ai_streams').set({ text: change.text }).where('id', '=', change.id).execute()
    }
  }))
  return {
    begin: row => commits.add({ begin: row }),
    async keep(said) {
      await Promise.all(said.map(change => commits.add(change)))
    },
    end: id => commits.add({ end: id }),
    left: () => db.selectFrom('ai_streams').selectAll().execute(),
  }
}

/** How an answer ended (AI-1). */
export type Finish = 'stop' | 'length' | 'cancelled' | 'error'

/** Something an answer rests on. */
export interface AnswerSource { url: string, title: string }

/** An answer as the message it becomes. The stream's id makes storing it idempotent. */
export function answerMessage(row: StreamRow, text: string, finish: Finish, sources: readonly AnswerSource[] = []): AppendMessage {
  return {
    type: 'message',
    userId: botUserId(row.bot),
    userName: row.bot_name,
    clientMsgId: row.id,
    content: { text, type: 'assistant', actor_type: 'bot', format: 'markdown' },
    ...(row.in_reply_to !== null && { inReplyTo: row.in_reply_to }),
    metadata: { stream_id: row.id, engine: row.engine, ...(row.model !== null && { model: row.model }), ...(finish !== 'stop' && { finish }), ...(sources.length > 0 && { sources }) },
  }
}
