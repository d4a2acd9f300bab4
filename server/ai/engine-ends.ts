import type { FinishReason } from 'ai'
import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { LineFacts } from './engine-line'

/** What a library made of an engine's stream. */
export interface EngineReport {
  finish?: FinishReason
  failure?: unknown
  /** It asked for a tool, though it was offered none. */
  hasCalled: boolean
}

/** What statuses of refusals mean; every other one goes by its hundred. */
const STATUSES: Partial<Record<number, AnswerEnd>> = { 401: 'denied', 403: 'denied', 404: 'unknown_model', 408: 'engine_down', 429: 'busy' }

/**
 * Why an answer ended that nobody stopped. What was seen on the line counts for more than what a library made of it; an engine
 * without a line, the built-in one, has only the latter.
 *
 * @param hasSaid whether there is a word of an answer
 * @returns nothing where it came to its own end
 */
export function endOf(line: LineFacts, report: EngineReport, hasSaid: boolean): AnswerEnd | undefined {
  const { finish, failure, hasCalled } = report
  const status = line.asked ? line.status : causeOf(failure).statusCode
  if (status !== undefined && (status < 200 || status >= 300)) return STATUSES[status] ?? (status >= 500 ? 'engine_down' : 'rejected')
  if (line.asked && status === undefined) return 'unreachable'
  if (line.failed !== undefined) return line.failed === 'error' ? 'stream_error' : line.failed
  if (line.cut) return 'cut'
  if (line.asked && !line.finished) return line.events === 0 && line.bytes > 0 ? 'malformed' : 'unfinished'
  if (finish === 'length') return 'token_limit'
  if (finish === 'content-filter') return 'filtered'
  if (finish === 'tool-calls') return 'tool_call'
  if (failure !== undefined && !line.finished) return 'failed'
  if (!hasSaid) return hasCalled ? 'tool_call' : 'empty'
  return finish === 'other' ? 'unknown_finish' : undefined
}

/** What may be logged of an engine's failure: its own errors carry the conversation, which is nobody's business. */
export function engineFailure(reason: AnswerEnd, error: unknown): Error {
  const { name, statusCode } = causeOf(error)
  return new Error(`[ai] ${reason}${name === undefined ? '' : `, ${name}`}${statusCode === undefined ? '' : ` with status ${statusCode}`}`)
}

/** What an engine failed with, at last: repeated attempts come as one error around the last one. */
function causeOf(error: unknown): { name?: string, statusCode?: number } {
  const { lastError } = (error ?? {}) as { lastError?: unknown }
  return (lastError ?? error ?? {}) as { name?: string, statusCode?: number }
}
