import { describe, expect, it } from 'vitest'
import { actionsIn, answerActions } from '../../../../../../server/ai/built-in/skills/actions'
import { createClock } from '../../../../../../server/ai/built-in/times'
import { MORNING } from '../../../../../fixtures/engine-room'
import { ask, linked } from '../../../../../support/engine-ask'
import type { Said } from '../../../../../support/engine-room'
import { at, roomOf } from '../../../../../support/engine-room'

const BOB: Said = { by: 'Bob', at: -10, text: 'Morning' }
const CEM: Said = { by: 'Cem Arslan', at: -9, text: 'Morning' }

/** What is to do in a room of Bob, Cem Arslan and Ada, who speaks last: `owner: due: state`. */
async function toDo(...said: (string | Said)[]): Promise<string[]> {
  const { lines } = (await roomOf([BOB, CEM, ...said.map(text => typeof text === 'string' ? { by: 'Ada', at: 0, text } : text)])).view()
  return (await actionsIn(lines, lines, createClock(at(120)))).map(({ owner, due, state }) => [owner ?? 'nobody', due ? `${due.said}${due.day ? ` = ${due.day}` : ''}` : 'any time', state].join(': '))
}

describe('action items', () => {
  it.each([
    ['I\'ll write the notes tomorrow.', 'Ada: tomorrow = 22 Nov: open'],
    ['I will send the contract by Friday', 'Ada: by Friday = 27 Nov: open'],
    ['Let me check the logs', 'Ada: any time: open'],
    ['Bob, can you review the draft by end of day?', 'Bob: by end of day = 21 Nov: open'],
    ['@Bob please update the page before 2026-12-01', 'Bob: before 2026-12-01: open'],
    ['Could you book the room, @bob?', 'Bob: any time: open'],
    ['Bob will fix the build', 'Bob: any time: open'],
    ['Cem needs to call Lyon on Monday', 'Cem Arslan: on Monday = 23 Nov: open'],
    ['Cem Arslan takes care of the room by 5 pm', 'Cem Arslan: by 5 pm: open'],
    ['TODO: Bob update the screenshots by next Friday', 'Bob: by next Friday: open'],
    ['Action item: order paper', 'nobody: any time: open'],
    ['- [ ] @bob publish the page', 'Bob: any time: open'],
    ['- [x] publish the page', 'nobody: any time: done'],
    ['We need to clean the disk until 3 December', 'nobody: until 3 December: open'],
    ['Someone has to test it, asap', 'nobody: asap: open'],
  ])('[built-in engine] %s', async (text, item) => {
    expect(await toDo(text)).toEqual([item])
  })

  it.each(['I\'ll be back', 'I will not do that', 'I think Bob is right', 'Let me know', 'Should I send it?', 'I can see the ocean', 'Can you hear me?', 'Bob said he is ill', 'If you wait I\'ll think', 'Willow will grow', '> I\'ll write the notes\n\nNice', 'We should talk'])('[built-in engine] %j is none', async (text) => {
    expect(await toDo(text)).toEqual([])
  })

  it('[built-in engine] knows what was accepted, declined and done', async () => {
    const request: Said = { by: 'Ada', at: 0, text: 'Bob, can you review the draft?' }
    expect(await toDo(request, { by: 'Bob', at: 1, text: 'Sure, will do' })).toEqual(['Bob: any time: accepted'])
    expect(await toDo(request, { by: 'Bob', at: 1, text: 'Sorry, I am away' })).toEqual(['Bob: any time: declined'])
    expect(await toDo(request, { by: 'Bob', at: 500, text: 'Done, it is sent', to: 3 })).toEqual(['Bob: any time: done'])
    expect(await toDo({ ...request, reactions: { '✅': ['bob'] } })).toEqual(['Bob: any time: done'])
  })

  it('[built-in engine] gives nothing to somebody whose first name two people have', async () => {
    expect(await toDo({ by: 'Bob Miller', at: -1, text: 'Morning' }, { by: 'Bob Smith', at: -1, text: 'Morning' }, 'Cem can you help. Smith will fix it')).toEqual(['Cem Arslan: any time: open'])
  })

  it('[built-in engine] lists everybody\'s, one\'s own, or those of one who is named', async () => {
    const all = (await answerActions(await ask('who has to do what?', MORNING))).markdown
    expect(linked(all)).toEqual([6, 9, 19, 21])
    expect(all).toContain('- **Cem**: “Cem, can you raise the proxy limit by Wednesday?” — **Ada**, 09:06 UTC, [#6](/r/plan#m6) · due by Wednesday (25 Nov), accepted')
    expect(all).toContain('- No owner named: “We need to clean up the backups')
    expect(linked((await answerActions(await ask('what do I have to do?', MORNING, { id: 'bob', name: 'Bob' }))).markdown)).toEqual([9])
    expect(linked((await answerActions(await ask('what does Dora have to do?', MORNING))).markdown)).toEqual([19])
    expect((await answerActions(await ask('what do I have to do?', MORNING))).found).toBe(false)
  })
})
