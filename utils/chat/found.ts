/** A stretch of a text, and whether it is what was looked for. */
export interface Stretch { readonly text: string, readonly hit: boolean }

/** How much stands before the first hit. */
const BEFORE = 40
/** Scripts written without spaces: a word may begin anywhere in them. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const WORD = /[\p{L}\p{N}\p{M}]/u

const folded = (letter: string) => [...letter.normalize('NFD')][0]!.toLowerCase()

/**
 * The part of a text where the words of a search are, with those marked. Words are found from their beginning, without regard to
 * case and accents, as the search itself does.
 *
 * @param length how many characters of the text are shown
 */
export function foundIn(text: string, query: string, length = 240): Stretch[] {
  const letters = [...text]
  const plain = letters.map(folded)
  const words = query.trim().split(/\s+/).filter(Boolean).map(word => [...word].map(folded)).sort((a, b) => b.length - a.length)
  const hit = letters.map(() => false)
  let first = -1
  for (let at = 0; at < plain.length; at++) {
    const word = words.find(word => word.every((letter, index) => plain[at + index] === letter) && begins(word, plain[at - 1]))
    if (!word) continue
    if (first < 0) first = at
    hit.fill(true, at, at + word.length)
    at += word.length - 1
  }
  const from = first > length - BEFORE ? first - BEFORE : 0
  const to = Math.min(letters.length, from + length)
  const stretches: { text: string, hit: boolean }[] = []
  for (let at = from; at < to; at++) {
    const last = stretches.at(-1)
    if (last?.hit === hit[at]) last!.text += letters[at]
    else stretches.push({ text: letters[at]!, hit: hit[at]! })
  }
  if (from > 0) stretches.unshift({ text: '…', hit: false })
  if (to < letters.length) stretches.push({ text: '…', hit: false })
  return stretches
}

function begins(word: readonly string[], before: string | undefined): boolean {
  return before === undefined || !WORD.test(before) || UNSPACED.test(word[0]!)
}
