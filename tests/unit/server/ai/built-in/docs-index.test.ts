import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readDocs } from '../../../../../server/docs/docs-files'
import { answer } from '../../../../../server/ai/built-in/engine'
import { DOCS_THRESHOLD, createDocsIndex } from '../../../../../server/ai/built-in/docs-index'
import type { DocHit } from '../../../../../server/ai/built-in/docs-index'
import { HELD_OUT, KNOWN, OFF_TOPIC } from '../../../../fixtures/engine-questions'
import type { KnownQuestion } from '../../../../fixtures/engine-questions'
import { PARTICIPANTS, PARTICIPANTS_APART, PARTICIPANTS_LATER, SUGGESTED } from '../../../../fixtures/guide-questions'

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
    for (const { page, says } of [...KNOWN, ...HELD_OUT, ...SUGGESTED, ...PARTICIPANTS, ...PARTICIPANTS_LATER, ...PARTICIPANTS_APART]) {
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
    expect(SUGGESTED.filter(({ page, says, or = [], question }) => !index.help(question).slice(0, 1).some(({ passage, confidence }) => confidence >= DOCS_THRESHOLD && passage.path === page && [says, ...or].some(words => passage.markdown.replace(/\s+/g, ' ').includes(words)))).map(({ question }) => question)).toEqual([])
  })

  /** What the help answers: the whole way from the question to the passage that is quoted first. */
  async function helps({ question, page, says, or = [] }: KnownQuestion): Promise<boolean> {
    const { markdown, sources, found } = await answer(question, { docs: index, asker: { id: 'u', name: 'Ann' }, persona: { slug: 'guide', name: 'Guide', skills: ['docs'] } })
    const first = markdown.split('\n\n')[0]!.replace(/^> ?/gm, '').replace(/\s+/g, ' ')
    const path = index.passages.find(({ id }) => id === sources[0]?.id)?.path
    return found && ((path === page && first.includes(says)) || or.some(other => first.includes(other)))
  }

  it('[built-in engine] answers participants from their guide first: at least 85 % of those it was tuned on, and of those kept apart', async () => {
    const tuned = await Promise.all([...PARTICIPANTS, ...PARTICIPANTS_LATER].map(async known => ({ ...known, isRight: await helps(known) })))
    const apart = await Promise.all(PARTICIPANTS_APART.map(helps))
    const right = tuned.filter(({ isRight }) => isRight).length
    const kept = apart.filter(Boolean).length
    // Of those kept apart nobody who tunes is told more than how many.
    const missed = tuned.filter(({ isRight }) => !isRight).map(({ question }) => `  missed: ${question} (${index.help(question)[0]?.confidence.toFixed(2)}) ${index.help(question)[0]?.passage.markdown.slice(0, 80)}`)
    process.stdout.write([`participants: top-1 ${share(right, tuned.length)}, kept apart ${share(kept, apart.length)}`, ...missed, ''].join('\n'))
    expect(right / tuned.length).toBeGreaterThanOrEqual(0.85)
    expect(kept / apart.length).toBeGreaterThanOrEqual(0.85)
  })

  it('[built-in engine] help, too, refuses at least 95 % of what is off the topic', async () => {
    const answered = await Promise.all(OFF_TOPIC.map(async question => ({ question, ...await answer(question, { docs: index, asker: { id: 'u', name: 'Ann' }, persona: { slug: 'guide', name: 'Guide', skills: ['docs'] } }) })))
    const found = answered.filter(({ found }) => found)
    process.stdout.write([`help refused ${share(OFF_TOPIC.length - found.length, OFF_TOPIC.length)}`, ...found.map(({ question }) => `  answered all the same: ${question}`), ''].join('\n'))
    expect(1 - found.length / OFF_TOPIC.length).toBeGreaterThanOrEqual(0.95)
  })

  it('[built-in engine] sends those whose guide it is to the guide, also by words that other bots would take for an order', async () => {
    for (const question of ['Start a poll', 'timer', 'search for a message', 'action items', 'What did I miss?']) {
      const { sources } = await answer(question, { docs: index, asker: { id: 'u', name: 'Ann' }, persona: { slug: 'guide', name: 'Guide', skills: ['docs'] } })
      expect(sources[0]?.url, question).toMatch(/^\/docs\/(?:bots-and-agents|writing-offline)#/)
    }
  })
})
