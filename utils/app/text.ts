/** The room name a title becomes (ROOM-1): lower case, words joined by `-`; empty when nothing usable is left. */
export function roomNameFrom(title: string): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[a-z0-9]+/g) ?? []
  const name = words.join('-').slice(0, 64)
  return name.endsWith('-') ? name.slice(0, -1) : name
}

const WORDS = [
  ['amber', 'calm', 'clear', 'early', 'gentle', 'green', 'high', 'late', 'light', 'north', 'open', 'quiet', 'silver', 'slow', 'warm', 'wide'],
  ['bay', 'birch', 'bridge', 'brook', 'cedar', 'cliff', 'field', 'forest', 'harbor', 'hill', 'lake', 'meadow', 'river', 'shore', 'valley', 'wharf'],
] as const

/** A room name that is easy to say and hard to guess. */
export function randomRoomName(random: () => number = Math.random): string {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!
  const tail = Array.from({ length: 4 }, () => Math.floor(random() * 36).toString(36)).join('')
  return `${pick(WORDS[0])}-${pick(WORDS[1])}-${tail}`
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a reader takes for the first letter: a flag or a joined emoji is one. */
function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment
  return ''
}

/** Up to two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(word => firstGrapheme(word ?? ''))
  return letters.join('').toLocaleUpperCase()
}

/** A hue for a person, the same everywhere. */
export function hueOf(id: string): number {
  let hash = 0x811C9DC5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  // Steps of 30 degrees: two people differ clearly or not at all.
  return ((hash >>> 8) % 12) * 30
}

/** Length in UTF-8 bytes. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength
}
