import { describe, expect, it } from 'vitest'
import { answerQuestions, questionsIn } from '../../../../../../server/ai/built-in/skills/questions'
import { MORNING } from '../../../../../fixtures/engine-room'
import { ask, linked } from '../../../../../support/engine-ask'
import type { Said } from '../../../../../support/engine-room'
import { roomOf } from '../../../../../support/engine-room'

/** How the only question, or the first, of a room stands. */
async function stateOf(said: readonly Said[]): Promise<string | undefined> {
  const { lines } = (await roomOf(said)).view()
  return (await questionsIn(lines, lines))[0]?.state
}

const question: Said = { by: 'Ada', at: 0, text: 'Where is the draft of the contract?' }

describe('open questions', () => {
  it.each<[string, Said[], string]>([
    ['nobody said anything', [question], 'open'],
    ['others spoke of something else, later', [question, { by: 'Bob', at: 14, text: 'Lunch was excellent' }], 'open'],
    ['the asker alone went on', [question, { by: 'Ada', at: 1, text: 'The contract for Lyon, I mean.' }], 'open'],
    ['a bot had nothing', [question, { by: 'Host', at: 1, text: 'I have nothing on that.', to: 1, bot: true }], 'open'],
    ['another answered another', [question, { by: 'Cem', at: 1, text: 'Morning' }, { by: 'Bob', at: 5, text: 'Yes, in the drawer', to: 2 }], 'perhaps'],
    ['somebody replied to it', [question, { by: 'Bob', at: 90, text: 'In the drawer', to: 1 }], 'answered'],
    ['somebody asked back', [question, { by: 'Bob', at: 1, text: 'Which one?', to: 1 }], 'open'],
    ['it has a tick', [{ ...question, reactions: { '✅': ['ada'] } }], 'answered'],
    ['somebody spoke of the same soon after', [question, { by: 'Cem', at: 1, text: 'Hello' }, { by: 'Bob', at: 6, text: 'The contract lies on my desk' }], 'perhaps'],
    ['the asker said thanks after that', [question, { by: 'Bob', at: 6, text: 'The contract lies on my desk' }, { by: 'Ada', at: 7, text: 'Thanks!' }], 'answered'],
    ['much later somebody said most of its words', [question, { by: 'Bob', at: 600, text: 'The draft contract is ready' }], 'perhaps'],
  ])('[built-in engine] when %s: %3$s', async (_when, said, state) => {
    expect(await stateOf(said)).toBe(state)
  })

  it.each(['How are you?', 'Right?', 'Can you hear me?', 'See https://example.org/?q=1', '```\nconst a = b ? c : d\n```', '> Where is the draft?\n\nYes.', 'Can you send the report by Friday?', 'No question here.'])('[built-in engine] does not count %j', async (text) => {
    expect(await stateOf([{ by: 'Ada', at: 0, text }])).toBeUndefined()
  })

  it.each(['¿Dónde está el contrato?', '契約書はどこですか？', 'أين العقد؟', 'does anyone know where the contract is', 'We meet at ten. Who brings the projector? I cannot.'])('[built-in engine] counts %j', async (text) => {
    expect(await stateOf([{ by: 'Ada', at: 0, text }])).toBe('open')
  })

  it('[built-in engine] lists them with author, time and link, those perhaps answered apart', async () => {
    const { markdown, sources, found } = await answerQuestions(await ask('open questions', MORNING))
    expect(found).toBe(true)
    expect(markdown).toContain('- “What is the budget for design this quarter?” — **Dora**, 09:44 UTC, [#17](/r/plan#m17)')
    expect(markdown).toMatch(/\*\*Perhaps answered\*\*[^]*#10[^]*perhaps by \*\*Bob\*\*/)
    expect(linked(markdown).sort()).toEqual(sources.map(({ url }) => Number(url.split('#m')[1])).sort())
  })

  it('[built-in engine] says when there is none', async () => {
    expect((await answerQuestions(await ask('open questions', [{ by: 'Ada', at: 0, text: 'Fine.' }])))).toMatchObject({ found: false, markdown: 'I found no question in this room.' })
  })
})
