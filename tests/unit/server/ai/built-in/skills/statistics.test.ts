import { describe, expect, it } from 'vitest'
import { answerStatistics, speakersOf } from '../../../../../../server/ai/built-in/skills/statistics'
import { MORNING } from '../../../../../fixtures/engine-room'
import { ask } from '../../../../../support/engine-ask'
import { roomOf } from '../../../../../support/engine-room'

const answerTo = async (question: string, asker = {}) => answerStatistics(await ask(question, MORNING, asker))

describe('counts', () => {
  it('[built-in engine] counts messages, words and questions of everybody', async () => {
    const { lines } = (await roomOf(MORNING)).view()
    const speakers = await speakersOf(lines)
    expect(speakers.map(({ author, messages }) => [author, messages])).toEqual([['Ada', 8], ['Bob', 6], ['Cem', 5], ['Dora', 5]])
    expect(speakers.reduce((sum, { words }) => sum + words, 0)).toBe(MORNING.reduce((sum, { text }) => sum + (text.match(/[\p{L}\p{N}]+(?:'\p{L}+)?/gu) ?? []).length, 0))
    expect(speakers.find(({ author }) => author === 'Dora')?.questions).toBe(3)
  })

  it('[built-in engine] counts one who was renamed once', async () => {
    const messages = [{ by: 'Ada', at: 0, text: 'one' }, { by: 'ADA', at: 1, text: 'two' }]
    expect(await speakersOf((await roomOf(messages)).view().lines)).toMatchObject([{ author: 'ADA', messages: 2 }])
  })

  it('[built-in engine] says who talks most, with shares', async () => {
    const { markdown } = await answerTo('who talks most?')
    expect(markdown).toMatch(/^24 messages by 4 people in this room/)
    expect(markdown).toMatch(/\*\*Ada\*\*: 8 messages \(33 %\), \d+ words\n- \*\*Bob\*\*: 6 messages \(25 %\)/)
    expect(markdown).toContain('Most reactions: “How about we drop Node 18 with this release?” — **Ada**')
  })

  it('[built-in engine] counts those of one person, and one\'s own', async () => {
    expect((await answerTo('how many messages did Cem write?')).markdown).toMatch(/^\*\*Cem\*\* wrote 5 messages of 24 in this room: \d+ words/)
    expect((await answerTo('how many messages have I written today', { id: 'bob', name: 'Bob' })).markdown).toMatch(/^\*\*Bob\*\* wrote 6 messages of 24 today/)
    expect(await answerTo('how many messages have I written')).toMatchObject({ found: false, markdown: '**Eve** wrote nothing in this room.' })
  })

  it('[built-in engine] counts how often something was mentioned, in any form of the word', async () => {
    expect((await answerTo('how often was the proxy mentioned?')).markdown).toMatch(/^“the proxy” stands in 4 messages of 24 in this room: \*\*Ada\*\* 2, /)
    expect((await answerTo('how many times did we mention uploads?')).markdown).toMatch(/stands in 3 messages/)
    expect(await answerTo('how often was Lisbon mentioned?')).toMatchObject({ found: false, markdown: 'Nobody wrote “Lisbon” in this room.' })
  })

  it('[built-in engine] keeps to the stretch that is named', async () => {
    expect((await answerTo('statistics since #20')).markdown).toMatch(/^5 messages by 4 people since #20/)
    expect(await answerTo('statistics since #99')).toMatchObject({ found: false })
  })
})
