import MiniSearch from 'minisearch'
import { passagesOf } from './passages'
import type { DocPage, Passage } from './passages'
import { RELATED, asOneWord } from './related-words'
import { terms } from './words'

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
  passages: readonly Passage[]
}

/**
 * What a passage must cover of a question to count as an answer. Measured over the questions of
 * `tests/fixtures/engine-questions.ts`: the test of this index prints what other values would give.
 */
export const DOCS_THRESHOLD = 0.5

/** Nobody asks for more words; each is looked up with all that are related to it. */
const ASKED = 32

/** A word that is only related to the one asked for counts for so much. */
const RELATED_WEIGHT = 0.6
/** Words that follow each other in the question, and stand together in the passage or are related to such, count for so much more. */
const TOGETHER = 0.5
const TOGETHER_WITHIN = 4
/** What a passage calls itself counts for so much more where it is what was asked, word for word. */
const NAMED = 0.8
const BOOST = { markdown: 1, lead: 0.8, heading: 0.5, intro: 0.3 }
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
    return [passage.id, { passage, terms: terms(passage.markdown), lead: new Set(terms(passage.lead)), position }]
  }))
  const index = new MiniSearch<Passage>({
    fields: Object.keys(BOOST),
    extractField: (passage, field) => field === 'heading' ? passage.trail.join(' ') : passage[field as 'id' | 'markdown' | 'lead' | 'intro'],
    tokenize: terms,
    processTerm: term => term,
    searchOptions: { boost: BOOST, tokenize: term => [term], bm25: { k: 0.8, b: 0.5, d: 0.2 } },
  })
  index.addAll(passages)
  const spread = new Map<string, number>()
  for (const passage of passages) {
    const text = `${passage.trail.join(' ')} ${passage.intro} ${passage.markdown}`
    for (const term of new Set(terms(text))) spread.set(term, (spread.get(term) ?? 0) + 1)
  }

  /** How much a word tells: one that stands nowhere tells the most, for its absence says that the docs are not about it. */
  const weight = (term: string) => Math.log(1 + passages.length / (spread.get(term) ?? 0.5))

  /** For each passage with a word, or one related to it: how well it fits, and whether the word itself is there. */
  function fits(term: string): Map<string, { score: number, share: number }> {
    const best = new Map<string, { score: number, share: number }>()
    for (const [word, share] of [[term, 1] as const, ...(RELATED.get(term) ?? []).map(other => [other, RELATED_WEIGHT] as const)]) {
      for (const { id, score } of index.search(word)) {
        const before = best.get(id as string)
        if (!before || score * share > before.score) best.set(id as string, { score: score * share, share: Math.max(share, before?.share ?? 0) })
      }
    }
    return best
  }

  function search(question: string, limit = 3): DocHit[] {
    const asked = terms(asOneWord(question)).slice(0, 2 * ASKED)
    const once = [...new Set(asked)].slice(0, ASKED)
    const total = once.reduce((sum, term) => sum + weight(term), 0)
    const found = new Map<string, { score: number, covered: number }>()
    for (const term of once) {
      for (const [id, { score, share }] of fits(term)) {
        const sum = found.get(id) ?? { score: 0, covered: 0 }
        found.set(id, { score: sum.score + score, covered: sum.covered + share * weight(term) })
      }
    }
    const ranked = [...found].map(([id, { score, covered }]) => {
      const { passage, terms: said, lead, position } = byId.get(id)!
      const prior = (PRIOR.find(([place]) => place.test(`${passage.path}#${passage.anchor}`))?.[1] ?? 1) * (1 - LATE * position / sizes.get(passage.path)!)
      return { passage, confidence: covered / total, rank: score * prior * (0.3 + covered / total) * (1 + TOGETHER * together(asked, said)) * (1 + NAMED * namedBy(lead, once)) }
    }).sort((a, b) => b.rank - a.rank).slice(0, limit)
    return ranked.map(hit => ({ ...hit, rank: hit.rank / ranked[0]!.rank }))
  }

  return { search, passages }
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
