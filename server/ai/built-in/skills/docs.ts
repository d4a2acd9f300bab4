import { DOCS_THRESHOLD } from '../docs-index'
import type { DocHit, DocsIndex } from '../docs-index'
import { docTitle, docUrl, quotedPassage } from '../quote'
import type { Answer } from '../types'

/** What ranks so high beside the best, under the same heading, is shown with it; what ranks less high elsewhere is pointed to. */
const BESIDE = 0.8
const ELSEWHERE = 0.65

/**
 * The passages that answer a question, best first; none where nothing covers enough of it.
 *
 * @param isHelp whether it is asked of who is there to help: the guide for those who take part comes first then
 */
export function docHits(docs: DocsIndex, question: string, isHelp = false): DocHit[] {
  const hits = isHelp ? docs.help(question, 3) : docs.search(question, 3)
  if (!hits[0] || hits[0].confidence < DOCS_THRESHOLD) return []
  return hits.filter(({ confidence, rank }) => confidence >= DOCS_THRESHOLD && rank >= ELSEWHERE)
}

/** The best passage, quoted, with what stands as well beside it, its page and heading, and where else to look. */
export function answerFromDocs(hits: readonly DocHit[]): Answer {
  const [best, ...others] = hits.map(({ passage }) => passage)
  // A setting and the paragraph that explains it belong to one answer.
  const beside = hits.slice(1).find(({ passage, rank }) => docUrl(passage) === docUrl(best!) && rank >= BESIDE)?.passage
  const pages = new Map([best!, ...others].map(passage => [docUrl(passage), passage]))
  return {
    skill: 'docs',
    found: true,
    markdown: [quotedPassage(best!), ...beside ? [quotedPassage(beside)] : []].join('\n\n'),
    // Each place once; they stand under the answer, and nowhere in it.
    sources: [...pages.values()].map(passage => ({ id: passage.id, url: docUrl(passage), title: docTitle(passage) })),
  }
}
