import { isAnswerEnd } from '#shared/protocol/answer-ends'
import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { Bot, ServerFrameOf, StreamSnapshot } from '#shared/protocol/frames'
import { SAFE_ADDRESS } from '#shared/text/addresses'
import type { RoomMessage } from '../room/room-view'

/** An answer of a bot that is on its way, as far as it was seen. */
export interface LiveAnswer {
  readonly stream_id: string
  readonly bot: string
  /** Who asked for it. */
  readonly userId?: string
  readonly in_reply_to?: string
  /** The newest delta its text holds. */
  readonly n: number
  readonly text: string
  /** How long the text was after each of the newest deltas. */
  readonly ends: readonly (readonly [n: number, length: number])[]
  /** Whether its engine thinks just now, and for how long it has (AI-8). */
  readonly thinking?: { readonly active: boolean, readonly ms: number }
  /** When this client first heard of it. */
  readonly timestamp: string
  /** `ended`: its message is about to come. `lost`: a new join knows nothing of it; it goes when the replay is over. */
  readonly state: 'live' | 'ended' | 'lost'
  /** The message it became. */
  readonly messageId?: string
}

/** How far back a joined delta may begin before what was seen. */
const ENDS_KEPT = 64

/** An answer as one joins it (AI-2). */
export function answerFrom(snapshot: StreamSnapshot, timestamp: string): LiveAnswer {
  const { stream_id, bot, userId, in_reply_to, n, text, thinking } = snapshot
  return { stream_id, bot, userId, in_reply_to, n, text, ...(thinking && { thinking }), ends: [[n, text.length]], timestamp, state: 'live' }
}

/**
 * Adds a delta. What was seen is ignored, so that two lines may bring the same answer; of one that begins before its end, the
 * new part is taken. Beyond a gap nothing fits any more: the next `room.state` or the message itself has the whole. What came up to
 * `thought` was thinking: it is no part of the answer.
 */
export function grown(answer: LiveAnswer, delta: Pick<ServerFrameOf<'ai.delta'>, 'n' | 'from' | 'text' | 'thought'>): LiveAnswer {
  if (delta.n <= answer.n) return answer
  const before = (delta.from ?? delta.n) - 1
  if (delta.thought !== undefined && answer.n <= delta.thought && before <= delta.thought) {
    return { ...answer, n: delta.n, text: delta.text, ends: [[delta.thought, 0], [delta.n, delta.text.length]], state: answer.state === 'lost' ? 'live' : answer.state }
  }
  const start = answer.ends.find(([n]) => n === before)?.[1]
  if (start === undefined) return answer
  const text = answer.text.slice(0, start) + delta.text
  const ends = [...answer.ends.filter(([n]) => n <= before), [delta.n, text.length] as const].slice(-ENDS_KEPT)
  return { ...answer, n: delta.n, text, ends, state: answer.state === 'lost' ? 'live' : answer.state }
}

/** What a new join says of the answers on their way: whichever knows more of one is kept. */
export function restated(held: readonly LiveAnswer[], streams: readonly StreamSnapshot[], timestamp: string): LiveAnswer[] {
  const now = new Map(streams.map(stream => [stream.stream_id, stream]))
  const kept = held.map((answer): LiveAnswer => {
    const stream = now.get(answer.stream_id)
    now.delete(answer.stream_id)
    if (!stream) return answer.state === 'ended' ? answer : { ...answer, state: 'lost' }
    return stream.n > answer.n ? answerFrom(stream, answer.timestamp) : { ...answer, state: 'live' }
  })
  return [...kept, ...[...now.values()].map(stream => answerFrom(stream, timestamp))]
}

/** The stream a stored message was, if it was one. */
export function streamOf(message: Pick<RoomMessage, 'content' | 'metadata'>): string | undefined {
  const id = message.content.actor_type === 'bot' ? message.metadata.stream_id : undefined
  return typeof id === 'string' ? id : undefined
}

/** An answer on its way in the shape of the message it will become. */
export function asMessage(answer: LiveAnswer, room: string, bots: readonly Bot[]): RoomMessage {
  const bot = bots.find(({ id }) => id === answer.bot)
  return {
    room, seq: Number.MAX_SAFE_INTEGER, messageId: answer.stream_id, userId: `bot:${answer.bot}`, userName: bot?.name ?? answer.bot,
    content: { text: answer.text.trim(), type: 'assistant', actor_type: 'bot', format: 'markdown' },
    timestamp: answer.timestamp,
    ...(answer.in_reply_to !== undefined && { in_reply_to: answer.in_reply_to }),
    metadata: { stream_id: answer.stream_id, engine: bot?.engine, model: bot?.model, ...(answer.thinking && { thinking: { text: '', ...answer.thinking } }) },
  }
}

/** What a bot's message says of itself. It comes from a server, yet what a model had a hand in is checked. */
export interface AnswerNotes {
  engine?: string
  model?: string
  finish?: 'cancelled' | 'error' | 'length'
  /** Why it ended, unless by itself (AI-7). */
  reason?: AnswerEnd
  thinking?: ThinkingNote
  sources: readonly { url: string, title: string }[]
}

/** What an engine thought before it spoke (AI-8). */
export interface ThinkingNote {
  /** As much of it as is known here; empty while a room only knows that it thinks. */
  text: string
  ms: number
  /** There was more. */
  cut?: boolean
  /** It thinks just now. */
  active?: boolean
}

const SOURCES_MAX = 20

/** Reads what a bot's message says of itself. */
export function notesOf({ metadata }: Pick<RoomMessage, 'metadata'>): AnswerNotes {
  const { engine, model, finish, reason, thinking, sources } = metadata
  return {
    engine: typeof engine === 'string' ? engine : undefined,
    model: typeof model === 'string' ? model : undefined,
    finish: finish === 'cancelled' || finish === 'error' || finish === 'length' ? finish : undefined,
    ...(isAnswerEnd(reason) && { reason }),
    thinking: thinkingOf(thinking),
    sources: Array.isArray(sources) ? sources.flatMap(source => linkOf(source)).slice(0, SOURCES_MAX) : [],
  }
}

function thinkingOf(note: unknown): ThinkingNote | undefined {
  const { text, ms, cut, active } = (note ?? {}) as { text?: unknown, ms?: unknown, cut?: unknown, active?: unknown }
  if (typeof text !== 'string' || (text === '' && active !== true && cut !== true)) return undefined
  return { text, ms: typeof ms === 'number' && ms >= 0 ? ms : 0, ...(cut === true && { cut: true }), ...(active === true && { active: true }) }
}

function linkOf(source: unknown): { url: string, title: string }[] {
  const { url, title } = (source ?? {}) as { url?: unknown, title?: unknown }
  if (typeof url !== 'string' || !SAFE_ADDRESS.test(url)) return []
  return [{ url, title: typeof title === 'string' && title.trim() !== '' ? title : url }]
}
