import { describe, expect, it } from 'vitest'
import { stretchOf } from '../../../../../server/ai/built-in/stretch'
import type { Said } from '../../../../support/engine-room'
import { at } from '../../../../support/engine-room'
import { ask } from '../../../../support/engine-ask'

const DAY = 24 * 60
/** Friday 09:00, Saturday 09:00, 09:30 and 10:30; it is Saturday 11:00 UTC. */
const ROOM: readonly Said[] = [
  { by: 'Ada', at: -DAY, text: 'on Friday' },
  { by: 'Eve', at: 0, text: 'at nine' },
  { by: 'Bob', at: 30, text: 'at half past nine' },
  { by: 'Ada', at: 90, text: 'at half past ten' },
]

describe('the stretch a question names', () => {
  it.each([
    ['recap', [1, 2, 3, 4], 'in this room'],
    ['recap today', [2, 3, 4], 'today'],
    ['recap yesterday', [1], 'yesterday'],
    ['recap since yesterday', [1, 2, 3, 4], 'since yesterday'],
    ['recap since 9:15', [3, 4], 'since 09:15 UTC'],
    ['recap since 10 am', [4], 'since 10:00 UTC'],
    ['recap since 11:30', [2, 3, 4], 'since 20 Nov 11:30 UTC'],
    ['recap the last hour', [4], 'in the last hour'],
    ['recap the last 2 hours', [2, 3, 4], 'in the last 2 hours'],
    ['recap the last 2 messages', [3, 4], 'in the newest 2 messages'],
    ['recap since #3', [3, 4], 'since #3'],
    ['recap #2-#3', [2, 3], 'from #2 to #3'],
    ['recap on friday', [1], 'on 20 Nov'],
    ['recap since Friday', [1, 2, 3, 4], 'since 20 Nov'],
    ['recap this week', [1, 2, 3, 4], 'this week'],
    ['what did I miss?', [3, 4], 'since your last message, 09:00 UTC'],
    ['recap since I left', [3, 4], 'since your last message, 09:00 UTC'],
  ])('[built-in engine] %s', async (question, seqs, label) => {
    const stretch = stretchOf(await ask(question, ROOM))
    expect(stretch.lines.map(({ seq }) => seq)).toEqual(seqs)
    expect(stretch.label).toBe(label)
  })

  it('[built-in engine] begins where one left, when that is known', async () => {
    const stretch = stretchOf(await ask('what did I miss', ROOM, { leftAt: new Date(at(60)).toISOString() }))
    expect(stretch.lines.map(({ seq }) => seq)).toEqual([4])
    expect(stretch.label).toBe('since you left, 10:00 UTC')
  })

  it('[built-in engine] says so when one has written nothing', async () => {
    const stretch = stretchOf(await ask('what did I miss', ROOM, { id: 'new', name: 'New' }))
    expect(stretch.lines).toHaveLength(4)
    expect(stretch.label).toContain('you have written nothing here')
  })

  it('[built-in engine] takes the day and the times of the asker', async () => {
    const late: Said[] = [{ by: 'Ada', at: -9 * 60 - 30, text: 'Friday 23:30 UTC' }, { by: 'Bob', at: 0, text: 'Saturday 09:00 UTC' }]
    const stretch = stretchOf(await ask('today', late, { timeZone: 'Europe/Berlin' }))
    expect(stretch.lines).toHaveLength(2)
    expect(stretchOf(await ask('since 9:30', late, { timeZone: 'Europe/Berlin' })).lines.map(({ seq }) => seq)).toEqual([2])
    expect(stretchOf(await ask('today', late, { timeZone: 'No/Where' })).lines.map(({ seq }) => seq)).toEqual([2])
  })

  it('[built-in engine] knows the day on which a clock is changed', async () => {
    const change = Date.parse('2026-10-25T23:00:00Z')
    const minutes = (change - at(0)) / 60_000
    const said: Said[] = [{ by: 'Ada', at: minutes - 25 * 60 - 1, text: 'the day before' }, { by: 'Bob', at: minutes - 24 * 60, text: 'that day' }]
    const stretch = stretchOf(await ask('today', said, { timeZone: 'Europe/Berlin' }, change - 60_000))
    expect(stretch.lines.map(({ text }) => text)).toEqual(['that day'])
  })

  it('[built-in engine] leaves out bots, what was said to them, and the question itself', async () => {
    const stretch = stretchOf(await ask('recap', [
      { by: 'Ada', at: 0, text: 'a message' },
      { by: 'Bob', at: 1, text: '@host what was decided?' },
      { by: 'Host', at: 2, text: 'I found no decision', bot: true },
      { by: 'Guide', at: 3, text: 'Something', bot: true },
      { by: 'Bob', at: 4, text: '@Guide: and you?' },
      { by: 'Bob', at: 5, text: '@hostile is somebody else' },
      { by: 'Eve', at: 6, text: 'recap' },
    ]))
    expect(stretch.lines.map(({ seq }) => seq)).toEqual([1, 6])
  })
})
