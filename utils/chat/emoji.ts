import { emojiOf } from '#shared/text/emoji'

/** An emoji and what it is found by. */
export interface EmojiEntry {
  readonly emoji: string
  /** What stands between colons, such as `smile`. */
  readonly short: readonly string[]
  readonly name: string
  /** Further words. */
  readonly words: string
  /** Which of {@link EMOJI_GROUPS} it belongs to. */
  readonly group: number
}

/** The groups of Unicode's list, by their numbers there; 2 holds parts of emoji only. */
export const EMOJI_GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const

/** What people use most in a chat: shown at once, while the rest is loaded. */
export const COMMON = ['👍', '👎', '❤️', '😂', '🎉', '👀', '🙏', '✅', '🔥', '🚀', '💯', '👏', '🙌', '💪', '🤝', '👋', '😀', '😅', '😉', '😊', '😍', '😎', '🤔', '🙄', '😢', '😭', '😡', '🤯', '🤦', '🤷', '😬', '🥳'] as const

/** Skin tones after the one without (Unicode, emoji modifiers Fitzpatrick 1-2 to 6). */
export const TONES = ['', '\u{1F3FB}', '\u{1F3FC}', '\u{1F3FD}', '\u{1F3FE}', '\u{1F3FF}'] as const
export type Tone = typeof TONES[number]

/** An emoji of people in a skin tone; as it is where it has none, or has one already. */
export function toned(emoji: string, tone: Tone): string {
  if (tone === '' || /\p{EMod}/u.test(emoji)) return emoji
  const given = emoji.replace(/(\p{EBase})\uFE0F?/gu, `$1${tone}`)
  return given === emoji ? emoji : emojiOf(given) ?? emoji
}

/** An emoji without its skin tone: the one that is listed. */
export function untoned(emoji: string): string {
  const bare = emoji.replace(/\p{EMod}/gu, '')
  return bare === emoji ? emoji : emojiOf(bare) ?? emoji
}

const RECENT_MAX = 24

/**
 * Reads the list as it is served: a line for each emoji.
 *
 * @param text lines of an emoji, its short names, its name, words, and the number of its group, separated by tabs
 */
export function readEmoji(text: string): EmojiEntry[] {
  return text.split('\n').filter(line => line !== '').map((line) => {
    const [emoji = '', short = '', name = '', words = '', group = ''] = line.split('\t')
    return { emoji: emojiOf(emoji) ?? emoji, short: short.split(' ').filter(Boolean), name, words, group: Number(group) }
  })
}

/** Those all words of a query mean, the best first: by short name, then by the beginning of a word, then by further words. */
export function findEmoji(all: readonly EmojiEntry[], query: string, max = 120): EmojiEntry[] {
  const wanted = query.toLowerCase().replaceAll(':', ' ').trim()
  if (wanted === '') return all.slice(0, max)
  const parts = wanted.split(/[\s_]+/)
  const begins = (text: string, part: string) => text.split(/[\s_-]/).some(word => word.startsWith(part))
  const rank = ({ short, name, words }: EmojiEntry) => {
    if (short.includes(wanted) || name === wanted) return 0
    if (short.some(one => one.startsWith(wanted))) return 1
    if (parts.every(part => begins(name, part) || short.some(one => begins(one, part)))) return 2
    return parts.every(part => begins(name, part) || begins(words, part) || short.some(one => begins(one, part))) ? 3 : 4
  }
  return all.map(entry => ({ entry, rank: rank(entry) })).filter(({ rank }) => rank < 4).sort((a, b) => a.rank - b.rank).slice(0, max).map(({ entry }) => entry)
}

/**
 * The short name of an emoji that is being written before the caret, as `:smi`.
 *
 * @returns where its colon stands, what was written after it, and whether a second colon ends it
 */
export function shortNameAt(text: string, caret: number): { start: number, query: string, whole: boolean } | undefined {
  const found = /(^|[\s(])(:)([a-z0-9_+-]{2,32})(:?)$/i.exec(text.slice(0, caret))
  return found ? { start: found.index + found[1]!.length, query: found[3]!.toLowerCase(), whole: found[4] !== '' } : undefined
}

/** What was used last, after one more was used. */
export function withRecent(recent: readonly string[], emoji: string): string[] {
  return [emoji, ...recent.filter(other => other !== emoji)].slice(0, RECENT_MAX)
}
