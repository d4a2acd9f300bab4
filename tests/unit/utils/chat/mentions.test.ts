import { describe, expect, it } from 'vitest'
import { matching, mentionAt } from '../../../../utils/chat/mentions'

const all = [
  { handle: 'host', name: 'Host', userId: 'bot:host', bot: true },
  { handle: 'Ann Smith', name: 'Ann Smith', userId: 'u1', bot: false },
  { handle: 'Sam', name: 'Sam', userId: 'u2', bot: false },
]

describe('mentions', () => {
  it.each([
    ['@', { start: 0, query: '' }],
    ['hi @ho', { start: 3, query: 'ho' }],
    ['(@An Sm', { start: 1, query: 'An Sm' }],
    ['one\n@h', { start: 4, query: 'h' }],
    ['me@example', undefined],
    ['@host ', undefined],
    ['@@', undefined],
    ['no', undefined],
  ])('[AI-5] is begun by %j', (text, found) => expect(mentionAt(text, text.length)).toEqual(found))

  it('looks only at what stands before the caret', () => {
    expect(mentionAt('@ho and more', 3)).toEqual({ start: 0, query: 'ho' })
  })

  it('offers those whose name begins so, then those with such a word in it', () => {
    expect(matching(all, 's').map(one => one.name)).toEqual(['Sam', 'Ann Smith'])
    expect(matching(all, 'HO').map(one => one.name)).toEqual(['Host'])
    expect(matching(all, 'x')).toEqual([])
    expect(matching(all, '')).toHaveLength(3)
  })
})
