import { describe, expect, it } from 'vitest'
import { foundIn } from '../../../../utils/chat/found'

const hits = (text: string, query: string) => foundIn(text, query).filter(({ hit }) => hit).map(({ text }) => text)

describe('what was looked for, in its text', () => {
  it.each([
    ['The contract of Ada', 'contract', ['contract']], ['Contracts and contracting', 'contract', ['Contract', 'contract']], ['Überraschung', 'uber', ['Über']], ['Cafe', 'café', ['Cafe']], ['a subcontract', 'contract', []],
    ['我在上海工作', '上海', ['上海']], ['오늘 검색했다', '검색', ['검색']], ['one two one', 'one two', ['one', 'two', 'one']], ['C++ and C', 'c++', ['C++']], ['שלום עולם', 'עולם', ['עולם']], ['nothing here', '', []],
  ])('%j, searched for %j, shows %j', (text, query, found) => expect(hits(text, query)).toEqual(found))

  it('is shown also where it stands far back, and no letter is lost or cut', () => {
    const text = `${'😀 word '.repeat(100)}needle and more`
    expect(hits(text, 'needle')).toEqual(['needle'])
    expect(foundIn(text, 'needle').map(({ text }) => text).join('').isWellFormed()).toBe(true)
    expect(foundIn('short', 'x')).toEqual([{ text: 'short', hit: false }])
  })
})
