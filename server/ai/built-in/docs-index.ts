import MiniSearch from 'minisearch'
import { passagesOf } from './passages'
import type { DocPage } from '../../docs/pages'
import type { Passage } from './passages'
import { RELATED, RELATED_IN_GUIDE, asOneWord } from './related-words'
import { stem, terms, words } from './words'

/** A passage that answers: how much of what was asked it covers, from 0 to 1, and its rank as a share of the best one's. */
export interface DocHit {
  passage: Passage
  confidence: number
  rank: number
}

/** Finds the passages of the docs that answer a question. */
export interface DocsIndex {
  /** The best passages, best first, whatever their confidence. */
  search: (question: string, limit?: number) => DocHit[]
  /** The same for one who takes part, and asks for help: their guide first, and other pages for what it knows nothing of. */
  help: (question: string, limit?: number) => DocHit[]
  passages: readonly Passage[]
}

/**
 * What a passage must cover of a question to count as an answer. Measured over the questions of
 * `tests/fixtures/engine-questions.ts` and `guide-questions.ts`: the test of this index prints what other values would give.
 */
export const DOCS_THRESHOLD = 0.5

/** Nobody asks for more words; each is looked up with all that are related to it. */
const ASKED = 32

/** What decides which passage answers, and how surely; measured as {@link DOCS_THRESHOLD} is. */
const TUNING = {
  /** A word that is only related to the one asked for counts for so much. */
  related: 0.6,
  /** Words that follow each other in the question, and stand together in the passage or are related to such, count for so much more. */
  together: 0.5,
  /** What a passage calls itself counts for so much more where it is what was asked, word for word. */
  named: 0.8,
  /** A question that is nearly one of those a passage is known to be asked by counts for so much more, by the share they have in common. */
  alike: 1.5,
  /** How much more a passage counts that covers more of the question: the power of its share. */
  covers: 3,
  /** How much words count that only stand in how people ask for a passage. */
  asked: 0.8,
  /** The guide answers first where it covers so much of what the best of all pages covers. */
  guideFirst: 0.9,
  /** And has so much in common with a way to ask for it. */
  minAlike: 0.6,
  /** Small words tell which of several ways to ask is meant: the share of all words in common counts for so much more. */
  wording: 1,
  /** In the guide, what a question has in common with a way to ask makes an answer surer by so much; and what to divide by, so that one threshold holds. */
  sure: 0.3,
  sureOf: 1.32,
  /** In how many passages a word stands that stands in none: the fewer, the more its absence tells. */
  absent: 0.5,
  /** Pages that are not the guide have more words, and what they cover tells less. */
  ofAll: 0.9,
  /** And less still where the guide has nothing. */
  helpOfAll: 0.7,
}
const TOGETHER_WITHIN = 4
const GUIDE = /^docs\/guide\//
/** In which pages is looked: the guide is also found by how people ask for it. */
type Where = 'all' | 'guide'
const BOOST = { markdown: 1, lead: 0.8, asked: 0.8, heading: 0.5, intro: 0.3 }
/** Most who ask take part: their guide comes first. The protocol is for those who write clients, fewer come from another one, and figures explain nothing. */
const PRIOR: readonly (readonly [RegExp, number])[] = [[/^docs\/guide\//, 1.2], [/^docs\/performance/, 0.6], [/^shared\/protocol\//, 0.9], [/^docs\/migration/, 0.75], [/#figures$/, 0.6]]
/** What comes late on a page is detail. */
const LATE = 0.15

/** Makes the index of pages. It takes whatever pages there are. */
export function createDocsIndex(pages: readonly DocPage[]): DocsIndex {
  const passages = passagesOf(pages)
  const sizes = new Map<string, number>()
  const byId = new Map(passages.map((passage) => {
    const position = sizes.get(passage.path) ?? 0
    sizes.set(passage.path, position + 1)
    return [passage.id, { passage, terms: meant(passage.markdown), lead: new Set(meant(passage.lead)), asked: [passage.lead, ...passage.asked].map(way => new Set(meant(way))), wordings: [passage.lead, ...passage.asked].map(way => new Set(words(way).map(stem))), position }]
  }))
  const index = new MiniSearch<Passage>({
    fields: Object.keys(BOOST),
    extractField: (passage, field) => field === 'heading' ? passage.trail.join(' ') : field === 'asked' ? passage.asked.join(' \n ') : passage[field as 'id' | 'markdown' | 'lead' | 'intro'],
    tokenize: meant,
    processTerm: term => term,
    searchOptions: { boost: { ...BOOST, asked: TUNING.asked }, tokenize: term => [term], bm25: { k: 0.8, b: 0.5, d: 0.2 } },
  })
  index.addAll(passages)
  const own = (passage: Passage) => `${passage.trail.join(' ')} ${passage.intro} ${passage.markdown}`
  const spreads = {
    all: spreadOf(passages.map(own)),
    guide: spreadOf(passages.map(passage => `${own(passage)} ${passage.asked.join(' \n ')}`)),
  }
  const guideWords = new Set(passages.filter(({ path }) => GUIDE.test(path)).flatMap(passage => meant(`${own(passage)} ${passage.asked.join(' \n ')}`)))
  for (const word of [...guideWords]) for (const other of RELATED.get(word) ?? []) guideWords.add(other)
  const related = { all: RELATED, guide: RELATED_IN_GUIDE }
  const fields = { all: Object.keys(BOOST).filter(field => field !== 'asked'), guide: Object.keys(BOOST) }

  /** How much a word tells: one that stands nowhere tells the most, for its absence says that the docs are not about it. */
  const weigher = (where: Where) => (term: string) => Math.log(1 + passages.length / (spreads[where].get(term) ?? TUNING.absent))

  /** For each passage with a word, or one related to it: how well it fits, and whether the word itself is there. */
  function fits(term: string, where: Where): Map<string, { score: number, share: number }> {
    const best = new Map<string, { score: number, share: number }>()
    for (const [word, share] of [[term, 1] as const, ...(related[where].get(term) ?? []).map(other => [other, TUNING.related] as const)]) {
      for (const { id, score } of index.search(word, { fields: fields[where], ...(where === 'guide' && { filter: ({ id }: { id: unknown }) => GUIDE.test(String(id)) }) })) {
        const before = best.get(id as string)
        if (!before || score * share > before.score) best.set(id as string, { score: score * share, share: Math.max(share, before?.share ?? 0) })
      }
    }
    return best
  }

  /** How much a question has in common with the likeliest of some others, weighed by what the words tell: 1 for the same words. */
  function alike(asked: readonly string[], ways: readonly ReadonlySet<string>[], weight: (term: string) => number): number {
    const sum = (words: Iterable<string>) => [...words].reduce((total, word) => total + weight(word), 0)
    const all = sum(asked)
    return Math.max(0, ...ways.map((way) => {
      const common = asked.reduce((total, word) => total + weight(word) * (way.has(word) ? 1 : RELATED_IN_GUIDE.get(word)?.some(other => way.has(other)) ? TUNING.related : 0), 0)
      return common === 0 ? 0 : 2 * common / (all + sum(way))
    }))
  }

  function ranked(question: string, limit: number, where: Where): (DocHit & { common: number })[] {
    const weight = weigher(where)
    const asWorded = new Set(words(question).slice(0, 2 * ASKED).map(stem))
    const asked = meant(question).slice(0, 2 * ASKED)
    const once = [...new Set(asked)].slice(0, ASKED)
    const total = once.reduce((sum, term) => sum + weight(term), 0)
    const found = new Map<string, { score: number, covered: number }>()
    for (const term of once) {
      for (const [id, { score, share }] of fits(term, where)) {
        const sum = found.get(id) ?? { score: 0, covered: 0 }
        found.set(id, { score: sum.score + score, covered: sum.covered + share * weight(term) })
      }
    }
    const hits = [...found].map(([id, { score, covered }]) => {
      const { passage, terms: said, lead, asked: ways, wordings, position } = byId.get(id)!
      const prior = (PRIOR.find(([place]) => place.test(`${passage.path}#${passage.anchor}`))?.[1] ?? 1) * (1 - LATE * position / sizes.get(passage.path)!)
      const common = where === 'guide' ? alike(once, ways, weight) : 0
      const share = covered / total
      const rank = score * prior * (0.3 + share) ** TUNING.covers * (1 + TUNING.together * together(asked, said)) * (1 + TUNING.named * namedBy(lead, once)) * (1 + TUNING.alike * common) * (where === 'guide' ? 1 + TUNING.wording * worded(asWorded, wordings) : 1)
      return { passage, confidence: where === 'guide' ? Math.min(1, (share + TUNING.sure * common) / TUNING.sureOf) : share, rank, common }
    }).sort((a, b) => b.rank - a.rank).slice(0, limit)
    return hits.map(hit => ({ ...hit, rank: hit.rank / hits[0]!.rank }))
  }

  /** Whether a question has a word that other pages know, and the guide does not: then it is not about taking part. */
  const isTechnical = (question: string) => meant(question).some(term => spreads.all.has(term) && !guideWords.has(term))

  function search(question: string, limit = 3): DocHit[] {
    return ranked(question, limit, 'all').map(hit => ({ ...hit, confidence: hit.confidence * TUNING.ofAll }))
  }

  function help(question: string, limit = 3): DocHit[] {
    const guide = ranked(question, limit, 'guide')
    const all = search(question, limit).map(hit => ({ ...hit, confidence: hit.confidence * TUNING.helpOfAll }))
    const [g, a] = [guide[0], all[0]]
    if (!g || !a) return g ? guide : all
    const isSure = g.confidence >= DOCS_THRESHOLD && !isTechnical(question)
    const covers = g.confidence >= TUNING.guideFirst * a.confidence && g.common >= TUNING.minAlike
    return isSure || covers || GUIDE.test(a.passage.path) ? guide : all
  }

  return { search, help, passages }
}

/** What a text is about, with what it says in two words as one. */
function meant(text: string): string[] {
  return terms(asOneWord(text))
}

/** The share of all words, the small ones too, that a question has in common with the likeliest of some wordings. */
function worded(asked: ReadonlySet<string>, wordings: readonly ReadonlySet<string>[]): number {
  return Math.max(0, ...wordings.map(way => 2 * [...asked].filter(word => way.has(word)).length / (asked.size + way.size)))
}

/** In how many texts each word stands. */
function spreadOf(texts: readonly string[]): Map<string, number> {
  const spread = new Map<string, number>()
  for (const text of texts) for (const term of new Set(meant(text))) spread.set(term, (spread.get(term) ?? 0) + 1)
  return spread
}

/** The share of a passage's name that was asked for; 0 for one without a name. */
function namedBy(lead: ReadonlySet<string>, asked: readonly string[]): number {
  return lead.size === 0 ? 0 : asked.filter(term => lead.has(term)).length / lead.size
}

/** The share of the question's pairs of words that stand together in a text. */
function together(asked: readonly string[], said: readonly string[]): number {
  if (asked.length < 2) return 0
  const at = new Map<string, number[]>()
  said.forEach((term, index) => at.set(term, [...at.get(term) ?? [], index]))
  const placesOf = (term: string) => [term, ...RELATED.get(term) ?? []].flatMap(word => at.get(word) ?? [])
  let pairs = 0
  for (let i = 1; i < asked.length; i++) {
    const [first, second] = [placesOf(asked[i - 1]!), placesOf(asked[i]!)]
    if (first.some(a => second.some(b => a !== b && Math.abs(a - b) <= TOGETHER_WITHIN))) pairs++
  }
  return pairs / (asked.length - 1)
}
