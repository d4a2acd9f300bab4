/** A word longer than that is looked for by its beginning. */
const WORD_LENGTH = 64
/** What of a question is looked for. */
const QUESTION = { chunks: 16, words: 64 }

/** Scripts that are written without spaces, or whose words grow at both ends: each of their characters is a word of its own. */
const UNSPACED = ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Yi'].map(script => `\\p{scx=${script}}`).join('') + '\\p{Ideographic}'
/** Signs that are part of a name: `.NET`, `@ann`, `#123`, `C++`, `C#`, `50%`, `$5`; not the end of a sentence, and no heading. */
const SIGNS = '[.@](?=[\\p{L}\\p{N}])|[#+$€£¥₩₽₹](?=[\\p{L}\\p{N}])|(?<=[\\p{L}\\p{N}#+])[#+%$€£¥₩₽₹]'
const PICTURES = '\\p{Extended_Pictographic}|\\p{RI}'

const WORDS = new RegExp(`(?=[\\p{L}\\p{M}\\p{N}])[${UNSPACED}]|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+|${SIGNS}|${PICTURES}`, 'gu')
/** The same for what is in ASCII, as most of what is written in many rooms: several times as fast. */
const ASCII_WORDS = /[a-z0-9]+|[.@](?=[a-z0-9])|[#+$](?=[a-z0-9])|(?<=[a-z0-9#+])[#+%$]/g
// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7F]*$/

const INVISIBLE = /[\u00AD\u2060\p{Join_Control}\p{Variation_Selector}]/gu
const ACCENTS = /[\u0300-\u036F]/g
const LETTERS: Record<string, string> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe', ı: 'i', ς: 'σ', þ: 'th', ð: 'd' }
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g')

/** What the words of two servers depend on: an index made by another rule is made anew. */
export const WORD_RULE = `1, Unicode ${process.versions.unicode ?? ''}`

/**
 * The words of a text, in its order: what the search index holds and what a question is made of, by one rule. Case, accents, width and
 * invisible characters count for nothing. A run of letters and digits is a word; a character of a script without spaces, a sign
 * that is part of a name, and a picture each are one. So any stretch of such words is found as a phrase.
 */
export function wordsOf(text: string): string[] {
  if (ASCII.test(text)) return cut(text.toLowerCase().match(ASCII_WORDS))
  const folded = text.replace(INVISIBLE, '').normalize('NFKD').toLowerCase().replace(ACCENTS, '').normalize('NFKC')
  return cut(folded.replace(LETTER, letter => LETTERS[letter] ?? letter).match(WORDS))
}

function cut(words: string[] | null): string[] {
  return words?.map(word => word.length > WORD_LENGTH ? [...word].slice(0, WORD_LENGTH).join('') : word) ?? []
}

/** The words of a text as the index takes them. */
export function searchWords(text: string): string {
  return wordsOf(text).join(' ')
}

/**
 * What a question asks for: what stands between spaces is a phrase, all of them must be there, and the last word of the last one may be
 * the beginning of a longer word. Words hold no quote and no space, so nothing in them is read as syntax.
 */
export function phrasesOf(question: string): string[][] {
  let left = QUESTION.words
  const phrases: string[][] = []
  for (const chunk of question.split(/\s+/)) {
    const words = wordsOf(chunk).slice(0, left)
    if (words.length === 0 || phrases.length === QUESTION.chunks) continue
    phrases.push(words)
    left -= words.length
  }
  return phrases
}
