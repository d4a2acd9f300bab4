import { CompiledQuery } from 'kysely'
import type { Kysely } from 'kysely'
import type { Entry } from '#shared/protocol/frames'
import type { SayAtOnce } from '..'
import { idempotencyKey, messageRow } from '../../../log/message-row'
import { renderMessage } from '../../../log/render'
import { ROW_BYTES, erasableBytes } from '../../../log/sizes'
import type { RoomWritten } from '../../../log/transaction'
import type { AppendMessage, Appended } from '../../../log/types'
import { searchWords } from '../../../log/words'
import { DROPPED } from '../../../rooms/kinds'
import type { Database, MessageRow } from '../../schema'

/** What of a message goes to the database, a list of each: one statement with one text, however many messages there are. */
const COLUMNS = [
  'id', 'room_id', 'user_id', 'user_name', 'client_msg_id', 'text', 'content_type', 'actor_type', 'format', 'in_reply_to', 'attachments', 'metadata', 'words',
] as const

/**
 * Holds the rooms in the order of their ids, finds what is there already, numbers the rest, stores it with its words, and writes where the rooms
 * stand: six statements, each a journey, in one. `known` sees what was committed when the statement began; who was stored between that
 * and the room being held violates the index on `client_msg_id`, and nothing is stored.
 */
const SAY = `
with given as materialized (
  select * from unnest(${COLUMNS.map((_, n) => `$${n + 1}::text[]`).join(', ')}, $${COLUMNS.length + 1}::bigint[]) with ordinality as g(${COLUMNS.join(', ')}, bytes, ord)
), held as materialized (
  select id, name, head, bytes from rooms where id in (select room_id from given) and kind <> '${DROPPED}' order by id for update
), known as materialized (
  select g.ord, m.seq, m.id, m.created_at from given g
  join messages m on m.client_msg_id = g.client_msg_id and m.user_id = g.user_id and m.room_id = g.room_id
), fresh as materialized (
  select g.*, h.head + row_number() over (partition by g.room_id order by g.ord) as seq from given g join held h on h.id = g.room_id
  where not exists (select 1 from known k where k.ord = g.ord)
), grown as materialized (
  select f.room_id, max(f.seq) as head, sum(f.bytes)::bigint as bytes from fresh f group by f.room_id
), fitting as materialized (
  select w.* from grown w join held h on h.id = w.room_id where h.bytes + w.bytes <= $${COLUMNS.length + 2}::bigint
), stored as (
  insert into messages (id, room_id, seq, user_id, user_name, client_msg_id, text, content_type, actor_type, format, in_reply_to, attachments, metadata, state, created_at)
  select f.id, f.room_id, f.seq, f.user_id, f.user_name, f.client_msg_id, f.text, f.content_type, f.actor_type, f.format, f.in_reply_to, f.attachments, f.metadata,
    'live', $${COLUMNS.length + 3}
  from fresh f where f.room_id in (select room_id from fitting)
), worded as (
  insert into message_words (message_id, room_id, words)
  select f.id, f.room_id, f.words from fresh f where f.text <> '' and f.room_id in (select room_id from fitting)
), advanced as (
  update rooms set head = t.head, bytes = rooms.bytes + t.bytes, last_at = $${COLUMNS.length + 3} from fitting t where rooms.id = t.room_id
)
select g.ord, h.name, k.seq as known_seq, k.id as known_id, k.created_at as known_at, f.seq
from given g join held h on h.id = g.room_id left join known k on k.ord = g.ord left join fresh f on f.ord = g.ord
where g.room_id not in (select w.room_id from grown w where w.room_id not in (select room_id from fitting))`

interface Said {
  ord: number
  name: string
  known_seq: number | null
  known_id: string | null
  known_at: string | null
  seq: number | null
}

/** One message on its way, with the place in its room's list that it came from. */
interface Going {
  append: AppendMessage
  row: MessageRow
}

/** Somebody else stored one of the messages at the same moment, or waited for one of the rooms as this one did. */
const LOOK_CLOSER = new Set(['23505', '40P01'])

/** Makes {@link SayAtOnce} for PostgreSQL. */
export function createSay(db: Kysely<Database>): SayAtOnce {
  return async (rooms, now, most) => {
    const going = new Map<string, Going>()
    const all: Going[] = []
    for (const [roomId, appends] of rooms) {
      for (const append of appends) {
        const key = append.clientMsgId === undefined ? undefined : idempotencyKey(roomId, append.userId, append.clientMsgId)
        if (key !== undefined && going.has(key)) continue
        const one = { append, row: messageRow(append, roomId, 0, now) as MessageRow }
        all.push(one)
        if (key !== undefined) going.set(key, one)
      }
    }
    if (all.length === 0) return new Map()
    let rows: Said[]
    try {
      rows = (await db.executeQuery<Said>(CompiledQuery.raw(SAY, parameters(all, now, most)))).rows
    } catch (error) {
      if (LOOK_CLOSER.has(String((error as { code?: unknown }).code))) return new Map()
      throw error
    }
    const said = new Map(rows.map(row => [all[row.ord - 1], row]))
    const own = new Map(all.map(one => [one.append, one]))
    const written = new Map<string, RoomWritten>()
    for (const [roomId, appends] of rooms) {
      const firsts = appends.map(append => own.get(append) ?? going.get(idempotencyKey(roomId, append.userId, append.clientMsgId ?? '')))
      const outcomes = outcomesOf(appends, firsts, said, now)
      if (outcomes) written.set(roomId, outcomes)
    }
    return written
  }
}

function parameters(all: readonly Going[], now: string, most: number | undefined): unknown[] {
  return [
    ...COLUMNS.map(column => all.map(({ row }) => column === 'words' ? searchWords(row.text) : row[column])),
    all.map(({ row }) => ROW_BYTES + erasableBytes(row)),
    most ?? Number.MAX_SAFE_INTEGER,
    now,
  ]
}

/** @returns undefined for a room that is not there, or is full */
function outcomesOf(appends: readonly AppendMessage[], firsts: readonly (Going | undefined)[], said: ReadonlyMap<Going | undefined, Said>, now: string): RoomWritten | undefined {
  const entries: Entry[] = []
  const outcomes: Appended[] = []
  for (const [n, append] of appends.entries()) {
    const first = firsts[n]
    const result = said.get(first)
    if (!first || !result) return undefined
    const appended = appendedAs(first, result, now)
    if (first.append !== append || result.known_seq !== null) {
      outcomes.push({ ...appended, duplicate: true })
      continue
    }
    const entry = renderMessage(result.name, { ...first.row, seq: result.seq ?? 0 })
    entries.push(entry)
    outcomes.push({ ...appended, entry })
  }
  return { outcomes, entries }
}

function appendedAs({ append, row }: Going, { known_seq, known_id, known_at, seq }: Said, now: string): Appended {
  return known_seq === null
    ? { seq: seq ?? 0, messageId: row.id, clientMsgId: append.clientMsgId, timestamp: now }
    : { seq: known_seq, messageId: known_id ?? '', clientMsgId: append.clientMsgId, timestamp: known_at ?? '' }
}
