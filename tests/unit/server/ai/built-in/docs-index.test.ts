import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readDocs } from '../../../../../server/ai/built-in/docs-files'
import { DOCS_THRESHOLD, createDocsIndex } from '../../../../../server/ai/built-in/docs-index'
import type { DocHit } from '../../../../../server/ai/built-in/docs-index'
import { HELD_OUT, KNOWN, OFF_TOPIC } from '../../../../fixtures/engine-questions'
import type { KnownQuestion } from '../../../../fixtures/engine-questions'
import { PARTICIPANTS, PARTICIPANTS_APART, SUGGESTED } from '../../../../fixtures/guide-questions'

const pages = readDocs(fileURLToPath(new URL('../../../../../', import.meta.url)))
const index = createDocsIndex(pages)
const best = (question: string): DocHit | undefined => index.search(question)[0]
const share = (part: number, whole: number) => `${part} of ${whole} (${Math.round(100 * part / whole)} %)`

/** Whether the passage shown for a question is the one that is known to answer it. */
function answers({ question, page, says, or }: KnownQuestion, threshold: number): boolean {
  const hit = best(question)
  if (!hit || hit.confidence < threshold) return false
  const text = hit.passage.markdown.replace(/\s+/g, ' ')
  return (hit.passage.path === page && text.includes(says)) || (or ?? []).some(other => text.includes(other))
}

const refused = (question: string, threshold: number) => (best(question)?.confidence ?? 0) < threshold

describe('the questions on the docs', () => {
  it('each have a passage that is known to answer them', () => {
    const said = index.passages.map(({ path, markdown }) => `${path}\n${markdown.replace(/\s+/g, ' ')}`)
    for (const { page, says } of [...KNOWN, ...HELD_OUT, ...SUGGESTED, ...PARTICIPANTS, ...PARTICIPANTS_APART]) {
      expect(said.filter(text => text.startsWith(`${page}\n`) && text.includes(says)), `${page}: ${says}`).not.toEqual([])
    }
  })

  it('[built-in engine] shows the known passage first for at least 70 %, and refuses at least 95 % of those off the topic', () => {
    const right = KNOWN.filter(known => answers(known, DOCS_THRESHOLD))
    const turnedDown = OFF_TOPIC.filter(question => refused(question, DOCS_THRESHOLD))
    const heldOut = HELD_OUT.filter(known => answers(known, DOCS_THRESHOLD))
    const lines = [
      `threshold ${DOCS_THRESHOLD}: top-1 ${share(right.length, KNOWN.length)}, refused ${share(turnedDown.length, OFF_TOPIC.length)}, held out top-1 ${share(heldOut.length, HELD_OUT.length)}`,
      ...[0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7].map((other) => {
        const known = KNOWN.filter(question => answers(question, other)).length
        return `  at ${other.toFixed(2)}: top-1 ${share(known, KNOWN.length)}, refused ${share(OFF_TOPIC.filter(question => refused(question, other)).length, OFF_TOPIC.length)}`
      }),
      ...[...KNOWN, ...HELD_OUT].filter(known => !answers(known, DOCS_THRESHOLD)).map(({ question }) => `  missed: ${question} (${(best(question)?.confidence ?? 0).toFixed(2)})`),
      ...OFF_TOPIC.filter(question => !refused(question, DOCS_THRESHOLD)).map(question => `  answered all the same: ${question}`),
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
    expect(right.length / KNOWN.length).toBeGreaterThanOrEqual(0.7)
    expect(turnedDown.length / OFF_TOPIC.length).toBeGreaterThanOrEqual(0.95)
  })

  it('[built-in engine] answers every question that the help suggests', () => {
    expect(SUGGESTED.filter(known => !answers(known, DOCS_THRESHOLD)).map(({ question }) => `${question}: ${best(question)?.passage.id}`)).toEqual([])
  })

  it.each([['asked while it was written', PARTICIPANTS, 0.85], ['kept apart', PARTICIPANTS_APART, 0.6]] as const)('[built-in engine] answers participants from their guide: questions %s', (_, questions, least) => {
    const missed = questions.filter(known => !answers(known, DOCS_THRESHOLD))
    const lines = missed.map(({ question }) => `  missed: ${question} (${best(question)?.confidence.toFixed(2)}) ${best(question)?.passage.markdown.slice(0, 80)}`)
    process.stdout.write([`participants: top-1 ${share(questions.length - missed.length, questions.length)}`, ...lines, ''].join('\n'))
    expect(1 - missed.length / questions.length).toBeGreaterThanOrEqual(least)
  })
})
