/** How an answer ended, as far as every client has to tell it apart (AI-1). */
export const FINISHES = ['stop', 'length', 'cancelled', 'error'] as const
export type Finish = typeof FINISHES[number]

/**
 * Why an answer ended as it did (AI-7), each with the `finish` it is. One that came to its own end has no reason. The words for
 * it are the reader's own business: nothing of it is ever an engine's text.
 */
export const ANSWER_ENDS = {
  token_limit: 'length',
  message_limit: 'length',
  stopped: 'cancelled',
  switched_off: 'cancelled',
  unknown_finish: 'stop',
  filtered: 'error',
  tool_call: 'error',
  empty: 'error',
  unfinished: 'error',
  cut: 'error',
  stream_error: 'error',
  malformed: 'error',
  unreachable: 'error',
  denied: 'error',
  unknown_model: 'error',
  rejected: 'error',
  busy: 'error',
  engine_down: 'error',
  silent: 'error',
  endless: 'error',
  recited: 'error',
  budget: 'error',
  restarted: 'error',
  unwatched: 'error',
  failed: 'error',
} as const satisfies Record<string, Finish>

export type AnswerEnd = keyof typeof ANSWER_ENDS

export const ANSWER_END_CODES = Object.keys(ANSWER_ENDS) as [AnswerEnd, ...AnswerEnd[]]

/** Whether something that came over the wire is one of the reasons. */
export function isAnswerEnd(value: unknown): value is AnswerEnd {
  return typeof value === 'string' && Object.hasOwn(ANSWER_ENDS, value)
}
