import { mountSuspended } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import ReactionChips from '~/components/chat/ReactionChips.vue'
import { pollOptions } from '~/utils/chat/poll'

const content = (text: string, actor_type: 'bot' | 'client' = 'bot') => ({ content: { text, type: 'assistant' as const, actor_type, format: 'markdown' as const } })
const POLL = '**Poll:** Lunch?\n\n- 1️⃣ pizza\n- 2️⃣ salad'

describe('reaction chips', () => {
  const mount = (props = {}) => mountSuspended(ReactionChips, { props: { userId: 'me', members: [], ...props } })

  it('[LOG-5] shows one chip for one emoji, in whichever form it was stored', async () => {
    const chips = (await mount({ reactions: { '❤': ['a'], '❤️': ['b', 'me'] } })).findAll('button')
    expect(chips).toHaveLength(1)
    expect(chips[0]!.text()).toContain('3')
  })

  it('shows what can be voted for before anybody has', async () => {
    const row = await mount({ options: pollOptions(content(POLL)), reactions: { '2️⃣': ['me'], '👍': ['a'] } })
    const chips = row.findAll('button')
    expect(chips.map(chip => /^(\S+?)(\d+)[.,]/.exec(chip.text())?.slice(1, 3))).toEqual([['1️⃣', '0'], ['2️⃣', '1'], ['👍', '1']])
    expect(chips[0]!.attributes('title')).toBe('pizza')
    await chips[0]!.trigger('click')
    expect(row.emitted('react')).toEqual([['1️⃣']])
  })

  it('takes only an open poll of a bot for one', () => {
    expect(pollOptions(content(POLL)).map(({ words }) => words)).toEqual(['pizza', 'salad'])
    expect(pollOptions(content(POLL, 'client'))).toEqual([])
    expect(pollOptions(content(POLL.replace('Poll:', 'Poll closed:')))).toEqual([])
  })
})
