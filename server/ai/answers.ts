import { customAlphabet } from 'nanoid'
import { ANSWER_ENDS } from '#shared/protocol/answer-ends'
import type { AnswerEnd, Finish } from '#shared/protocol/answer-ends'
import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { User } from '#shared/protocol/frames'
import type { RoomLog } from '../log/types'
import type { Bus } from '../realtime/bus'
import type { Room } from '../rooms/types'
import { AnswerStream } from './answer-stream'
import { answer, costOf } from './answering'
import type { Answered } from './answering'
import { END_WORDS } from './end-words'
import type { Engine, Question } from './engine'
import { engineFailure } from './engine-ends'
import type { Persona } from './persona'
import { answerMessage } from './stream-store'
import type { AnswerFacts, AnswerSource, StreamRow, StreamStore } from './stream-store'
import { placesOf } from './places'
import type { Taker } from './shares'
import type { Turns } from './turns'

const streamId = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 20)

/** How often what was said so far is put on disk. */
const KEEP_EVERY_MS = 250

export interface AnswersOptions {
  log: RoomLog
  bus: Bus
  streams: StreamStore
  turns: Turns
  /** An engine that says nothing for so long is given up. */
  silenceMs: number
  onError: (error: unknown, where: string) => void
  /** Answers on their way that one address may have. @default as many as there are */
  perAddress?: number
  /** Milliseconds of a steady clock. */
  now: () => number
}

/** An answer to be given. */
export interface Order {
  persona: Persona
  engine: Engine
  question: Question
  inReplyTo?: string
  /** The stream's id, where it has one already. */
  id?: string
  /** Told each delta, what is thought, and that all that was said so far was thinking too. */
  onDelta?: (text: string) => void
  onThought?: (text: string) => void
  onRecast?: () => void
}

/** How an answer ended. */
export interface Ended {
  finish: Finish
  /** Why, unless it came to its own end (AI-7). */
  reason?: AnswerEnd
  /** The message it became, unless it said nothing. */
  messageId?: string
  /** Why, in words that may be shown, where `finish` is `error`. */
  error?: string
  /** What its engine says it rests on. */
  sources?: AnswerSource[]
}

/** How an answer ended that ended for a reason, or for none. */
export function endedBy(reason: AnswerEnd | undefined): Pick<Ended, 'finish' | 'reason' | 'error'> {
  if (reason === undefined) return { finish: 'stop' }
  const finish = ANSWER_ENDS[reason]
  return { finish, reason, ...(finish === 'error' && { error: END_WORDS[reason] }) }
}

/** An answer on its way. */
export interface Running {
  readonly stream: AnswerStream
  readonly row: StreamRow
  readonly taker: Taker
  readonly stop: AbortController
  /** Set when it was ended on purpose. */
  ended?: AnswerEnd
  /** Resolves once its text is in the log. */
  done: Promise<Ended>
}

/**
 * The one place where engines speak, for bots in rooms and for agents in sessions. An answer streams to its room, waits for
 * no viewer, and is stored once, however it ends.
 */
export interface Answers {
  /** Starts an answer. The engine is asked after the caller had its turn, so that an `ack` comes before `ai.start`'s deltas. */
  begin: (order: Order) => Promise<Running>
  /** Tells a room that an answer somebody waits for will not come. */
  refuse: (persona: Persona, asked: { room: Room, asker: User, inReplyTo?: string }, reason: AnswerEnd) => void
  find: (streamId: string) => Running | undefined
  inRoom: (roomId: string) => Running[]
  /** @throws ProtocolError `rate_limited` where as many answers are on their way as may be */
  requireCapacity: (taker: Taker) => void
  /** Ends an answer as it stands; what was said is kept. */
  end: (running: Running, reason: AnswerEnd) => void
  /** Stores what a server or a node that was killed had said, and tells who still waits for more. Harmless when said again. */
  recover: () => Promise<void>
  /** Ends every answer as it stands. */
  stop: () => Promise<void>
}

export function createAnswers({ log, bus, streams, turns, silenceMs, onError, perAddress = LIMITS.streams, now }: AnswersOptions): Answers {
  const running = new Map<string, Running>()
  let keeping: ReturnType<typeof setInterval> | undefined

  async function begin(order: Order): Promise<Running> {
    const { persona, engine, question: { room, asker, address }, inReplyTo } = order
    const id = order.id ?? streamId()
    const row: StreamRow = {
      id, room_id: room.id, bot: persona.id, bot_name: persona.name, engine: engine.name, model: engine.model ?? null, user_id: asker.id,
      in_reply_to: inReplyTo ?? null, text: '', started_at: new Date().toISOString(),
    }
    await streams.begin(row)
    const told = { thoughtUpTo: 0 }
    const stream = new AnswerStream({
      id, room: room.name, bot: persona.id, userId: asker.id, inReplyTo,
      onDelta(frame) {
        bus.publish({ audience: { to: 'room', roomId: room.id }, frame, conflateKey: `ai\n${id}` })
        if ((frame.thought ?? 0) > told.thoughtUpTo) {
          told.thoughtUpTo = frame.thought ?? 0
          order.onRecast?.()
        }
        if (frame.text !== '') order.onDelta?.(frame.text)
      },
      onThinking: frame => bus.publish({ audience: { to: 'room', roomId: room.id }, frame, conflateKey: `thinking\n${id}` }),
      onThought: order.onThought,
    })
    const taker: Taker = { userId: asker.id, roomId: room.id, ...(address !== undefined && { address }) }
    const answering: Running = { stream, row, taker, stop: new AbortController(), done: Promise.resolve({ finish: 'error' }) }
    running.set(id, answering)
    keeping ??= setInterval(keep, KEEP_EVERY_MS)
    bus.publish({ audience: { to: 'room', roomId: room.id }, frame: { type: 'ai.start', room: room.name, stream_id: id, bot: persona.id, userId: asker.id, ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }) } })
    answering.done = new Promise<void>(resolve => setImmediate(resolve)).then(() => produce(answering, order))
    return answering
  }

  async function produce(answering: Running, { persona, engine, question }: Order): Promise<Ended> {
    const { stream, row, taker, stop } = answering
    const { room } = question
    // Counted beforehand, so that many at once do not all pass for the first.
    const expected = costOf(engine, persona, question, '')
    turns.spend(room.orgId, persona.id, expected, now(), taker)
    // Stopped before its engine was asked: nothing was sent, and nothing is charged.
    const answered: Answered = stop.signal.aborted ? { reason: 'stopped', tokens: 0 } : await answer(stream, engine, persona, question, { stop: stop.signal, silenceMs })
    const { tokens, sources } = answered
    const reason = answering.ended ?? answered.reason
    if (reason !== undefined && !answering.ended && ANSWER_ENDS[reason] === 'error') onError(engineFailure(reason, answered.failure), `engine ${engine.name}`)
    stream.end()
    turns.spend(room.orgId, persona.id, (tokens ?? costOf(engine, persona, question, stream.text)) - expected, now(), taker)
    // Before others hear it: whose turn it was decides who may follow.
    turns.spoke(room.id, persona.id, now())
    const messageId = await store(row, stream.text, { reason, sources, thinking: stream.thinking })
    running.delete(row.id)
    if (running.size === 0) keeping = void clearInterval(keeping)
    const ended: Ended = { ...endedBy(reason), ...(messageId !== undefined && { messageId }) }
    bus.publish({ audience: { to: 'room', roomId: room.id }, frame: { type: 'ai.end', room: room.name, stream_id: row.id, ...ended } })
    return { ...ended, ...(sources && { sources }) }
  }

  /** Puts on disk what was said since the last time, of all answers in one transaction. */
  function keep(): void {
    const grown = [...running.values()].filter(({ stream, row }) => stream.text !== row.text)
    if (grown.length === 0) return
    for (const { stream, row } of grown) row.text = stream.text
    void streams.keep(grown.map(({ row: { id, text } }) => ({ id, text }))).catch(error => onError(error, 'keeping answers'))
  }

  /** Puts an answer into the log, once; one that said nothing leaves nothing. */
  async function store(row: StreamRow, text: string, facts: AnswerFacts): Promise<string | undefined> {
    try {
      const said = text.trim() === '' ? undefined : await log.append(row.room_id, answerMessage(row, text.trim(), facts))
      await streams.end(row.id)
      return said?.messageId
    } catch (error) {
      onError(error, 'storing an answer')
      return undefined
    }
  }

  function inRoom(roomId: string): Running[] {
    return [...running.values()].filter(({ row }) => row.room_id === roomId)
  }

  function end(answering: Running, reason: AnswerEnd): void {
    answering.ended ??= reason
    answering.stop.abort()
  }

  return {
    begin,
    refuse({ id: bot }, { room, asker, inReplyTo }, reason) {
      const about = { room: room.name, stream_id: streamId() }
      bus.publish({ audience: { to: 'room', roomId: room.id }, frame: { type: 'ai.start', ...about, bot, userId: asker.id, ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }) } })
      bus.publish({ audience: { to: 'room', roomId: room.id }, frame: { type: 'ai.end', ...about, ...endedBy(reason) } })
    },
    find: id => running.get(id),
    inRoom,
    requireCapacity(taker) {
      const { all, room, user, address } = placesOf([...running.values()].map(({ taker }) => taker), taker)
      if (all >= LIMITS.streams || room >= LIMITS.streamsPerRoom || user >= LIMITS.streamsPerUser || address >= perAddress) {
        throw new ProtocolError('rate_limited', 'bot: too many answers are on their way', { retryAfterMs: 2000 })
      }
    },
    end,
    async recover() {
      for (const row of await streams.left()) {
        // Begun anew meanwhile, under the same id.
        if (running.has(row.id)) continue
        const messageId = await store(row, row.text, { reason: 'restarted' })
        const name = await streams.roomName(row.room_id)
        if (name !== undefined) bus.publish({ audience: { to: 'room', roomId: row.room_id }, frame: { type: 'ai.end', room: name, stream_id: row.id, ...endedBy('restarted'), ...(messageId !== undefined && { messageId }) } })
      }
    },
    async stop() {
      for (const answering of running.values()) end(answering, 'restarted')
      await Promise.all([...running.values()].map(({ done }) => done))
    },
  }
}
