/** Words that say nothing of what a text is about. */
const STOP_WORDS = new Set(`a about make makes made above after again all also am an and any are aren't as at be because been before being below between
both but by can can't cannot come could couldn't did didn't do does doesn't doing don't done down during each else etc even ever every few
for from further get gets getting give go goes going gonna got had has hasn't have haven't having he he's her here hers herself hey hi him
himself his how how's however i i'd i'll i'm i've if im in into is isn't it it's its itself just kind know let let's like lot
many may maybe me might mine more much must my myself need needs no nor not now of off ok okay on once one only onto or other our ours
ourselves out over own perhaps please put quite rather really right said same say says seem shall she she's should shouldn't so some
somebody somehow someone something sometimes still such sure take tell than thank thanks that that's the their theirs them themselves then
there there's these they they're they've thing things think this those though through thus to too under until up upon us use used uses using
very via want wanted wants was wasn't way we we'd we'll we're we've well were weren't what what's when when's where where's whether which
while who who's whom whose why will with within without won't would wouldn't yeah yep yes yet you you'd you'll you're you've your yours
yourself find explain work works working happen happens happened happening good best bad`.split(/\s+/))

const WORD = /[\p{L}\p{N}\p{M}]+(?:['’]\p{L}+)?/gu
/** Scripts written without spaces: their words are taken as pairs of characters. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Names in code are made of words too. */
const CAMEL = /(\p{Ll})(\p{Lu})/gu
const STEMS_KEPT = 20_000
/** What is longer is no word of a language, and has no stem. */
const LONGEST = 40

const stems = new Map<string, string>()

/** The words of a text as they stand there, in lower case. */
export function words(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? []
}

/** What a text is about: its words without the empty ones, each reduced to its stem, with repetitions. */
export function terms(text: string): string[] {
  const found: string[] = []
  for (const word of words(text.replace(CAMEL, '$1 $2'))) {
    if (STOP_WORDS.has(word.includes('’') ? word.replace('’', '\'') : word)) continue
    if (word.charCodeAt(0) > 0x0E00 && UNSPACED.test(word)) found.push(...pairs(word))
    else if (word.length > 1 || word >= '0') found.push(stem(word))
  }
  return found
}

/** A word's stem, for English; words of other languages mostly stay as they are, and are the same wherever they stand. */
export function stem(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  const made = reduce(word.replace(/['’].*$/, ''))
  if (stems.size >= STEMS_KEPT) stems.clear()
  stems.set(word, made)
  return made
}

/** What every word of a stem begins with: stems end in `i` where words end in `y` or `ies`. */
export function stemStart(term: string): string {
  return term.length > 3 ? term.replace(/i$/, '') : term
}

/** Left off where four letters remain. */
const ENDINGS = [/(?<=\w{4})(?:ation|ator|ate|at)$/, /(?<=\w{4})(?:ion|or)$/, /(?<=\w{4})(?:ment|ly|er)$/]

function reduce(word: string): string {
  if (word.length < 4 || word.length > LONGEST || !/^[a-z]+$/.test(word)) return word
  let root = word.replace(/(?:sse|xe|che|she)s$/, ending => ending.slice(0, -2)).replace(/ies$/, 'y').replace(/([^su])s$/, '$1')
  if (/(?:ed|ing)$/.test(root) && /[aeiouy]/.test(root.replace(/(?:ed|ing)$/, '')) && root.length > 5) root = root.replace(/(?:ed|ing)$/, '').replace(/([^aeiouls])\1$/, '$1')
  for (const ending of ENDINGS) root = root.replace(ending, '')
  return root.length > 3 ? root.replace(/e$/, '').replace(/y$/, 'i') : root
}

function pairs(word: string): string[] {
  const characters = [...word]
  if (characters.length < 2) return characters
  return characters.slice(1).map((character, index) => characters[index]! + character)
}
