import type { Kysely } from 'kysely'
import { ANSWER_ENDS } from '#shared/protocol/answer-ends'
import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { AppendMessage } from '../log/types'
import { GroupCommit } from '../db/group-commit'
import type { AiStreamTable, Database } from '../db/schema'
import { SOLE_OWNER } from '../work/leases'
import type { WorkOwner } from '../work/leases'
import type { Thinking } from './answer-stream'
import { botUserId } from './persona'

export type StreamRow = Omit<AiStreamTable, 'owner'>

/** Answers on their way, on disk: what a server that was killed had said is not lost. */
export interface StreamStore {
  begin: (row: StreamRow) => Promise<void>
  /** Keeps what was said up to now in several answers. */
  keep: (said: readonly { id: string, text: string }[]) => Promise<void>
  end: (id: string) => Promise<void>
  /** Takes over what an earlier run of the server, or a node that is gone, left behind: of several that ask, one gets each. */
  left: () => Promise<StreamRow[]>
  /** The address of a room, where it still is. */
  roomName: (roomId: string) => Promise<string | undefined>
}

type Change = { begin: StreamRow } | { id: string, text: string } | { end: string }

/** @param owner who gives the answers that are begun here */
export function createStreamStore(db: Kysely<Database>, owner: WorkOwner = SOLE_OWNER): StreamStore {
  const commits = new GroupCommit<Change>(changes => db.transaction().execute(async (trx) => {
    for (const change of changes) {
      if ('begin' in change) await begin(trx, { ...change.begin, owner: owner.node })
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
    roomName: async roomId => (await db.selectFrom('rooms').select('name').where('id', '=', roomId).executeTakeFirst())?.name,
    async left() {
      const rows = await db.selectFrom('ai_streams').selectAll().execute()
      const gone = await owner.gone([...new Set(rows.flatMap(row => row.owner ?? []))])
      const taken: StreamRow[] = []
      for (const { owner: before, ...row } of rows) {
        if (before !== null && !gone.has(before)) continue
        const { numUpdatedRows } = await db.updateTable('ai_streams').set({ owner: owner.node }).where('id', '=', row.id).where('owner', before === null ? 'is' : '=', before).executeTakeFirst()
        if (numUpdatedRows > 0n) taken.push(row)
      }
      return taken
    },
  }
}

async function begin(trx: Kysely<Database>, row: StreamRow & { owner: string }): Promise<void> {
  await trx.insertInto('ai_streams').values(row).onConflict(conflict => conflict.column('id').doUpdateSet(row)).execute()
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
