import type { AnswerEnd } from '#shared/protocol/answer-ends'

/** Why an answer ended, for those who read the wire (`error` of AI-1). What people read is in the locale files. */
export const END_WORDS: Record<AnswerEnd, string> = {
  token_limit: 'the engine stopped at its length limit',
  message_limit: 'the answer is as long as a message may be',
  stopped: 'it was stopped',
  switched_off: 'the bot was switched off',
  unknown_finish: 'the engine ended it for a reason this server does not know',
  filtered: 'the provider stopped it',
  tool_call: 'the engine asked for a tool, and has none',
  empty: 'the engine said nothing',
  unfinished: 'the engine\'s stream ended without an end',
  cut: 'the connection to the engine broke off',
  stream_error: 'the engine reported an error in its answer',
  malformed: 'the engine sent what cannot be read',
  unreachable: 'the engine cannot be reached',
  denied: 'the engine refused this server\'s key',
  unknown_model: 'the engine does not know the model',
  rejected: 'the engine rejected the request',
  busy: 'the engine is asked too often',
  engine_down: 'the engine has an error of its own',
  silent: 'the engine sent nothing for too long',
  endless: 'the answer took longer than one may',
  recited: 'the engine began to recite its instructions',
  restarted: 'the server was restarted',
  unwatched: 'nobody connected in time',
  failed: 'the engine failed',
}
