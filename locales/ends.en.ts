import type { AnswerEnd } from '#shared/protocol/answer-ends'

/** Why an answer ended, for everybody who reads it: a sentence each, and never an engine's own words. */
export const ends: Record<AnswerEnd, string> = {
  token_limit: 'Cut off at the engine’s length limit.',
  message_limit: 'Cut off: the answer was as long as one may be.',
  stopped: 'Stopped before its end.',
  switched_off: 'Stopped: the bot was switched off.',
  unknown_finish: 'Ended by the engine for a reason this server does not know.',
  filtered: 'Ended by the provider of the engine: its filter stopped it.',
  tool_call: 'Ended: the engine asked for a tool, and has none here.',
  empty: 'The engine said nothing.',
  unfinished: 'Broken off: the engine’s answer stopped without an end.',
  cut: 'Broken off: the connection to the engine was lost.',
  stream_error: 'Broken off: the engine reported an error.',
  malformed: 'Broken off: the engine sent something that cannot be read.',
  unreachable: 'The engine cannot be reached.',
  denied: 'The engine does not accept this server’s key.',
  unknown_model: 'The engine does not know the model it was asked for.',
  rejected: 'The engine rejected the request.',
  busy: 'The engine is asked too often just now. Try again later.',
  engine_down: 'The engine has a fault of its own. Try again later.',
  silent: 'Given up: the engine sent nothing for too long.',
  endless: 'Given up: the answer took longer than one may.',
  recited: 'Ended: the engine began to recite its instructions.',
  budget: 'Its tokens of this hour are used up.',
  restarted: 'Broken off: the server was restarted. What was said until then is kept.',
  unwatched: 'Not begun: nobody was there to read it.',
  failed: 'Broken off: the engine failed.',
}

/** What an engine thought before it spoke. */
export const thinking = {
  now: 'Thinking…',
  for: (ms: number) => ms < 1000 ? 'Thought for a moment' : `Thought for ${duration(Math.round(ms / 1000))}`,
  cut: 'There was more; only this much of it is kept.',
  note: 'What the model thought before it answered. It is not part of the answer.',
}

function duration(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
