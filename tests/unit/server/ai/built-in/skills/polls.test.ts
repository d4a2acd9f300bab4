import { describe, expect, it } from 'vitest'
import { intentOf } from '../../../../../../server/ai/built-in/intent'
import { countPoll, openPoll } from '../../../../../../server/ai/built-in/skills/polls'
import { ask, linked } from '../../../../../support/engine-ask'

const LUNCH = openPoll('Lunch? pizza / salad / *nothing*').markdown

describe('polls', () => {
  it('[built-in engine] are recognised, and so is what is asked about them', () => {
    expect(intentOf('poll: Lunch? pizza / salad')).toEqual({ kind: 'polls', ask: 'open', poll: 'Lunch? pizza / salad' })
    expect(intentOf('please start a poll: Lunch? pizza or salad')).toEqual({ kind: 'polls', ask: 'open', poll: 'Lunch? pizza or salad' })
    for (const request of ['results', 'the poll results?', 'what are the results of the poll?', 'who won?', 'count the votes']) expect(intentOf(request), request).toEqual({ kind: 'polls', ask: 'results' })
    expect(intentOf('close the poll')).toEqual({ kind: 'polls', ask: 'close' })
    for (const request of ['what are the results of the polling fallback?', 'how does polling work?', 'who won the contract?']) expect(intentOf(request).kind, request).not.toBe('polls')
  })

  it('[built-in engine] list what one can vote for, whatever stands between the options', () => {
    expect(LUNCH.split('\n').slice(0, 5)).toEqual(['**Poll:** Lunch?', '', '- 1️⃣ pizza', '- 2️⃣ salad', '- 3️⃣ \\*nothing\\*'])
    for (const text of ['Where: Rome, Paris', 'Where? Rome or Paris', 'Where? Rome | Paris.', 'Where? Rome; Paris; Rome']) {
      expect(openPoll(text).markdown, text).toContain('- 1️⃣ Rome\n- 2️⃣ Paris\n')
    }
  })

  it('[built-in engine] need a question and two to ten options', () => {
    for (const text of ['', 'Lunch?', 'Lunch? pizza', 'pizza / salad', `Which? ${Array.from({ length: 11 }, (_, n) => n).join(' / ')}`]) expect(openPoll(text).found, text).toBe(false)
  })

  it('[built-in engine] are counted from their reactions, each person once an option, with a link', async () => {
    const asking = await ask('results', [
      { by: 'Ada', at: 0, text: '@host poll: Lunch? pizza / salad / *nothing*' },
      { by: 'Host', at: 1, text: LUNCH, bot: true, reactions: { '1️⃣': ['ada'], '2️⃣': ['ada', 'bob', 'cem'], '👍': ['dora'] } },
    ])
    const { markdown, sources } = countPoll(asking, false)
    expect(markdown).toContain('- 1️⃣ pizza: 1 vote\n- 2️⃣ **salad**: 3 votes\n- 3️⃣ \\*nothing\\*: 0 votes\n\n3 people voted.')
    expect(linked(markdown)).toEqual([2])
    expect(sources.map(({ url }) => url)).toEqual(['/r/plan#m2'])
  })

  it('[built-in engine] once closed, stay as they were counted', async () => {
    const said = [{ by: 'Host', at: 0, text: LUNCH, bot: true, reactions: { '2️⃣': ['bob'] } }]
    const closed = countPoll(await ask('close the poll', said), true).markdown
    expect(closed).toMatch(/^\*\*Poll closed:\*\* Lunch\?/)
    const later = await ask('results', [{ ...said[0]!, reactions: { '1️⃣': ['ada', 'bob', 'cem'] } }, { by: 'Host', at: 1, text: closed, bot: true }])
    const { markdown } = countPoll(later, false)
    expect(linked(markdown)).toEqual([1, 2])
    expect(markdown).not.toContain('3 votes')
  })

  it('[built-in engine] are nobody\'s but a bot\'s, and harmless whoever wrote them', async () => {
    expect(countPoll(await ask('results', [{ by: 'Eve', at: 0, text: LUNCH }]), false).found).toBe(false)
    const forged = '**Poll:** <b>[x](javascript:1)</b>\n\n- 1️⃣ ![a](https://evil.example/a)\n- 2️⃣ # b'
    const { markdown } = countPoll(await ask('results', [{ by: 'Host', at: 0, text: forged, bot: true }]), false)
    expect(markdown).not.toMatch(/(?<!\\)[<>]|(?<!\\)!\[|(?<!\\)\]\(javascript/)
  })
})
