import type { UIMessageChunk } from 'ai'
import { ANSWER_ENDS, isAnswerEnd } from '#shared/protocol/answer-ends'
import type { AnswerEnd, Finish } from '#shared/protocol/answer-ends'
import type { RoomMessage } from '../room/room-view'

/** An agent's answer as far as it was read from its stream (AGT-4). */
export interface AgentAnswer {
  readonly streamId: string
  /** The number of the newest event it holds: where reading goes on. */
  readonly last: number
  readonly text: string
  readonly engine?: string
  readonly model?: string
  /** What the agent thought, for how long so far, and whether it does just now (AI-8). */
  readonly thinking?: { readonly text: string, readonly ms: number, readonly active: boolean }
  readonly sources: readonly { url: string, title: string }[]
  /** When this page first heard of it. */
  readonly timestamp: string
  /** How it ended; undefined while it is on its way. */
  readonly finish?: Finish
  /** Why it ended, unless by itself (AI-7). */
  readonly reason?: AnswerEnd
  /** Why, where `finish` is `error`, in the server's words. */
  readonly error?: string
  /** Whether its stream was read to the end. */
  readonly done: boolean
}

/** An answer of which nothing was read yet. */
export function emptyAnswer(streamId: string, timestamp: string): AgentAnswer {
  return { streamId, last: 0, text: '', sources: [], timestamp, done: false }
}

/** Adds the next event. One that was read before, or that does not follow, changes nothing: reading goes on after `last`. */
export function withEvent(answer: AgentAnswer, { id, data }: { id?: string, data: string }): AgentAnswer {
  if (Number(id) !== answer.last + 1) return answer
  const next = { ...answer, last: answer.last + 1 }
  if (data === '[DONE]') return { ...next, done: true }
  const { thinking = { text: '', ms: 0, active: false } } = answer
  const chunk = JSON.parse(data) as UIMessageChunk
  switch (chunk.type) {
    case 'start': return { ...next, ...speaker(chunk.messageMetadata) }
    case 'text-delta': return { ...next, text: answer.text + chunk.delta }
    case 'reasoning-start': return { ...next, thinking: { ...thinking, active: true } }
    case 'reasoning-delta': return { ...next, thinking: { ...thinking, text: thinking.text + chunk.delta } }
    case 'reasoning-end': return { ...next, thinking: { ...thinking, active: false } }
    case 'message-metadata': return { ...next, ...told(next, chunk.messageMetadata) }
    case 'source-url': return { ...next, sources: [...answer.sources, { url: chunk.url, title: chunk.title ?? chunk.url }] }
    case 'finish': return { ...next, finish: answer.reason ? ANSWER_ENDS[answer.reason] : chunk.finishReason === 'length' ? 'length' : 'stop' }
    case 'abort': return { ...next, finish: 'cancelled' }
    case 'error': return { ...next, finish: 'error', error: chunk.errorText }
    default: return next
  }
}

/** What is said of the message itself while it is on its way: why it ended, how long the agent thought, that its words were thinking. */
function told(answer: AgentAnswer, metadata: unknown): Partial<AgentAnswer> {
  const { reason, thinkingMs, recast } = (metadata ?? {}) as { reason?: unknown, thinkingMs?: unknown, recast?: unknown }
  const { thinking } = answer
  return {
    ...(isAnswerEnd(reason) && { reason }),
    ...(recast === true && { text: '' }),
    ...(typeof thinkingMs === 'number' && thinking && { thinking: { ...thinking, ms: thinkingMs } }),
  }
}

function speaker(metadata: unknown): Pick<AgentAnswer, 'engine' | 'model'> {
  const { engine, model } = (metadata ?? {}) as { engine?: unknown, model?: unknown }
  return { ...(typeof engine === 'string' && { engine }), ...(typeof model === 'string' && { model }) }
}

/** The answer in the shape of the message it becomes. */
export function answerAsMessage(answer: AgentAnswer, room: string, agent: { slug: string, name: string }): RoomMessage {
  const { streamId, engine, model, finish, reason, thinking, sources } = answer
  return {
    room, seq: Number.MAX_SAFE_INTEGER, messageId: streamId, userId: `bot:${agent.slug}`, userName: agent.name, timestamp: answer.timestamp,
    content: { text: answer.text.trim(), type: 'assistant', actor_type: 'bot', format: 'markdown' },
    metadata: { stream_id: streamId, engine, model, finish, reason, thinking, sources },
  }
}

/** What a reload of the page needs to go on where it was. */
export function packAnswer(answer: AgentAnswer): string {
  return JSON.stringify(answer)
}

/** Reads what {@link packAnswer} wrote, if it is of this stream. */
export function unpackAnswer(packed: string | null, streamId: string): AgentAnswer | undefined {
  try {
    const { streamId: id, last, text, thinking, sources, timestamp, engine, model } = JSON.parse(packed ?? 'null') as AgentAnswer
    if (id !== streamId || !Number.isSafeInteger(last) || typeof text !== 'string' || !Array.isArray(sources)) return undefined
    return { streamId, last, text, ...(typeof thinking?.text === 'string' && { thinking }), sources, timestamp: String(timestamp), engine, model, done: false }
  } catch {
    return undefined
  }
}
