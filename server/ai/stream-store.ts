import type { Kysely } from 'kysely'
import { ANSWER_ENDS } from '#shared/protocol/answer-ends'
import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { AppendMessage } from '../log/types'
import { GroupCommit } from '../db/group-commit'
import type { AiStreamTable, Database } from '../db/schema'
import type { Thinking } from './answer-stream'
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

/** Something an answer rests on. */
export interface AnswerSource { url: string, title: string }

/** What is known of an answer besides its words. */
export interface AnswerFacts {
  /** Why it ended, unless by itself. */
  reason?: AnswerEnd
  sources?: readonly AnswerSource[]
  thinking?: Thinking
}

/** An answer as the message it becomes (AI-1, AI-7, AI-8). The stream's id makes storing it idempotent. */
export function answerMessage(row: StreamRow, text: string, { reason, sources = [], thinking }: AnswerFacts): AppendMessage {
  const finish = reason === undefined ? 'stop' : ANSWER_ENDS[reason]
  return {
    type: 'message',
    userId: botUserId(row.bot),
    userName: row.bot_name,
    clientMsgId: row.id,
    content: { text, type: 'assistant', actor_type: 'bot', format: 'markdown' },
    ...(row.in_reply_to !== null && { inReplyTo: row.in_reply_to }),
    metadata: {
      stream_id: row.id, engine: row.engine, ...(row.model !== null && { model: row.model }), ...(finish !== 'stop' && { finish }),
      ...(reason !== undefined && { reason }), ...(thinking && { thinking }), ...(sources.length > 0 && { sources }),
    },
  }
}
