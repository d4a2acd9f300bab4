/** What an engine is called in front of people. */
const engines: Record<string, string> = { 'built-in': 'built-in engine', 'openai': 'OpenAI', 'anthropic': 'Anthropic', 'google': 'Google' }

/** Every string about the bots of a room. */
export const bots = {
  heading: 'Bots',
  reads: (messages: number) => `A bot that is on reads the newest ${messages} messages of this room when it answers, and no other room.`,
  searches: 'The built-in engine also looks through what was said here before.',
  none: 'This server has no bots.',
  engine: (engine: string, model?: string) => [engines[engine] ?? engine, model].filter(Boolean).join(' · '),
  builtIn: 'The built-in engine is not a language model. It quotes the docs and this room.',
  on: 'On',
  off: 'Off',
  switch: (name: string) => `${name} answers in this room`,
  ask: 'Ask',
  askName: (name: string) => `Ask ${name}`,
  askTitle: (name: string) => `Ask ${name}`,
  question: 'Your question',
  askHint: (handle: string) => `Everyone in the room sees the answer, not the question. To show both, write @${handle} in a message. Leave it empty to let it answer on what was said.`,
  stop: 'Stop',
  stopName: (name: string) => `Stop the answer of ${name}`,
  again: 'Answer again',
  thinking: (name: string) => `${name} is thinking`,
  answering: (name: string) => `${name} is answering`,
  used: (used: number, limit: number) => `${used.toLocaleString()} of ${limit.toLocaleString()} tokens this hour`,
  usedUp: 'Its tokens of this hour are used up. It is silent until the hour is over.',
  personas: 'Personas',
  personasHint: 'Personas: change and try them, in a new tab',
  finish: {
    cancelled: 'Stopped before its end.',
    error: 'Broken off: the engine failed or the server was restarted. What was said until then is kept.',
    length: 'Cut off: the answer was as long as one may be.',
  },
  sources: 'Sources',
  people: 'People and bots to name',
  bot: 'Bot',
  offered: (count: number) => count === 1 ? '1 suggestion' : `${count} suggestions`,
}
