import { describe, expect, it } from 'vitest'
import { answerDecisions, decisionsIn } from '../../../../../../server/ai/built-in/skills/decisions'
import { MORNING } from '../../../../../fixtures/engine-room'
import { ask, linked } from '../../../../../support/engine-ask'
import type { Said } from '../../../../../support/engine-room'
import { roomOf } from '../../../../../support/engine-room'

async function decided(said: readonly Said[]): Promise<string[]> {
  const { lines } = (await roomOf(said)).view()
  return (await decisionsIn(lines, lines)).map(({ text }) => text)
}

const proposal: Said = { by: 'Ada', at: 0, text: 'I propose Thursday for the launch.' }

describe('decisions', () => {
  it.each(['We decided to drop Node 18.', 'Decision: no meeting on Fridays', 'OK, agreed: red it is.', 'Let\'s go with the second draft.', 'We\'ll go with Lisbon', 'It\'s settled, we meet at ten.', 'The budget has been approved.', 'We settled on two days.', 'We are going with the blue logo', 'They all agreed on that price.'])('[built-in engine] finds %j', async (text) => {
    expect(await decided([{ by: 'Ada', at: 0, text }])).toEqual([text])
  })

  it.each(['We have not decided yet.', 'Nothing was decided, we haven\'t agreed.', 'Should we decide this today?', 'Was it decided?', 'We need to decide on the venue', 'It is undecided.', 'Once it is agreed, I write it down.', 'A decision would be nice', 'Let\'s see.', '> We decided to leave\n\nInteresting.'])('[built-in engine] does not take %j for one', async (text) => {
    expect(await decided([{ by: 'Ada', at: 0, text }])).toEqual([])
  })

  it.each<[string, Said[], number]>([
    ['nobody agreed to', [proposal], 0],
    ['another agreed to', [proposal, { by: 'Bob', at: 1, text: 'Sounds good' }], 1],
    ['another agreed to much later, in a reply', [proposal, ...Array.from({ length: 30 }, (_, n) => ({ by: 'Cem', at: 100 + n, text: 'Something else' })), { by: 'Bob', at: 900, text: '+1', to: 1 }], 1],
    ['only its author agreed to', [proposal, { by: 'Ada', at: 1, text: 'Agreed' }], 0],
    ['two gave a thumb', [{ ...proposal, reactions: { '👍': ['bob', 'cem'] } }], 1],
    ['one gave a thumb, and its author', [{ ...proposal, reactions: { '👍': ['bob', 'ada'] } }], 0],
    ['a bot agreed to', [proposal, { by: 'Host', at: 1, text: 'Agreed', bot: true }], 0],
    ['another agreed to something else', [proposal, { by: 'Cem', at: 1, text: 'Tea?' }, { by: 'Bob', at: 2, text: 'Good idea', to: 2 }], 0],
  ])('[built-in engine] a proposal that %s', async (_what, said, number) => {
    expect(await decided(said)).toHaveLength(number)
  })

  it('[built-in engine] lists them with author, time, link and who agreed', async () => {
    const { markdown } = await answerDecisions(await ask('what was decided?', MORNING))
    expect(linked(markdown)).toEqual([11, 13, 22])
    expect(markdown).toContain('- “How about we drop Node 18 with this release?” — **Ada**, 09:30 UTC, [#11](/r/plan#m11) · agreed to by 3 reactions')
  })

  it('[built-in engine] says when there is none, and what it looked for', async () => {
    const { found, markdown } = await answerDecisions(await ask('what was decided?', [proposal]))
    expect(found).toBe(false)
    expect(markdown).toMatch(/^I found no decision in this room\. I look for/)
  })
})
