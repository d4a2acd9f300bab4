import { stem } from './words'

/** Words that people use for the same thing around rooms, calls and servers. */
const GROUPS = [
  'start run install launch setup begin',
  'camera video webcam picture media',
  'microphone mic sound audio',
  'delete remove erase',
  'people person user participant member somebody',
  'guest visitor anonymous',
  'maximum max limit most upper bound',
  'size bytes large big length',
  'folder directory dir path file',
  'data database storage stored kept hold contain save',
  'setting variable option environment configuration configure',
  'disable enable off on allow forbid prevent whether',
  'operator admin administrator moderate moderator',
  'host moderator',
  'token login signin sign session cookie',
  'last expire valid hold',
  'create creation make open',
  'version release later',
  'fast quick latency speed p95',
  'deliver send receipt receive arrive',
  'endpoint route url address api http',
  'memory ram',
  'health ready status alive check',
  'log logging',
  'secret password key credential',
  'shutdown restart sigterm stop drain',
  'rebuild heal reconnect repair recover',
  'fail broken break lost',
  'slow stalled unsent backpressure',
  'often every interval',
  'polling poll',
  'sse stream event',
  'websocket socket',
  'screen share sharing',
  'proxy nginx caddy forwarded',
  'edit change modify',
  'message chat',
  'reaction emoji react',
  'name rename title',
  'search lookup',
]

/** What people write in two words. Only in small letters, for TURN is the name of a protocol. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:turn|switch)(?:ed|ing|s)? off\b/g, 'disable'],
  [/\b(?:turn|switch)(?:ed|ing|s)? on\b/g, 'enable'],
  [/\bset(?:ting)? up\b/g, 'setup'],
  [/\b(?:sign|log)(?:ed|ging|ing|s)?[ -]?(?:in|on)\b/g, 'signin'],
  [/\blong[ -]poll/g, 'poll'],
  [/\bshut(?:ting|s)? down\b/g, 'shutdown'],
]

/** A question with its two-word verbs as one word. */
export function asOneWord(question: string): string {
  return PHRASES.reduce((text, [pattern, word]) => text.replace(pattern, word), question)
}

/** The stems related to a stem, without itself. */
export const RELATED: ReadonlyMap<string, readonly string[]> = relate()

function relate(): Map<string, string[]> {
  const related = new Map<string, Set<string>>()
  for (const group of GROUPS) {
    const members = group.split(' ').map(stem)
    for (const member of members) {
      const others = related.get(member) ?? new Set<string>()
      for (const other of members) if (other !== member) others.add(other)
      related.set(member, others)
    }
  }
  return new Map([...related].map(([word, others]) => [word, [...others]]))
}
