import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsed, walked } from '../../../../shared/text/markdown'
import { mentionOrder, mentionPattern, mentionsOf } from '../../../../shared/text/mentions'

/** Whom the page would mark. */
function marked(text: string, handles: readonly string[]): Set<string> {
  const found = new Set<string>()
  walked(parsed(text, { mentions: mentionPattern(handles) }), token => token.type === 'mention' && found.add(token.content.slice(1).toLowerCase()))
  return found
}

const HANDLES = mentionOrder(['host', 'host-b'], ['Ann', 'Ann Smith', 'דנה'])

describe('[AI-5] what a mention is', () => {
  it.each([
    ['@host hi', ['host']], ['hi @Host!', ['host']], ['**@host**', ['host']], ['- @host\n- @host-b', ['host', 'host-b']], ['> @host', ['host']], ['"@host" and (@ann)', ['host', 'ann']],
    ['@Ann Smith, @annabel', ['ann smith']], ['שלום @דנה', ['דנה']], ['| a |\n|---|\n| @host |', ['host']], ['# @host', ['host']], ['me@host', []], ['@hostess @host_ @host-', []],
    ['`@host`', []], ['``a ` @host``', []], ['```\n@host\n```', []], ['~~~js\n@host\n~~~', []], ['    @host', []], ['> ```\n> @host', []], ['- ```\n  @host\n  ```', []], ['[@host](https://example.org)', []], ['https://example.org/@host', []],
    ['`unclosed @host', ['host']], ['```\n@host\n```\n@ann', ['ann']],
  ])('%j names %j', (text, named) => {
    expect([...mentionsOf(text, HANDLES)].sort()).toEqual([...named].sort())
  })

  it('is found in whole names only, and takes signs in them for signs', () => {
    expect([...mentionsOf('@a.b @axb', ['a.b'])]).toEqual(['a.b'])
    expect(mentionPattern([''])).toBeUndefined()
  })

  it('a bot is called even where a person\'s name begins like its own', () => {
    expect([...mentionsOf('@host two', mentionOrder(['host'], ['Host Two']))]).toEqual(['host'])
  })

  it('page and server find the same in any text', () => {
    const piece = fc.constantFrom('@host', '@Ann Smith', '@ann', '`', '```', '\n', '\n\n', ' ', '> ', '- ', '    ', '[', '](https://a.example)', '*', '**', '\\', '|', '<', '>', 'x', '@', '~~~', '(', '#', 'https://a.example/')
    fc.assert(fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => {
      const text = pieces.join('')
      expect(mentionsOf(text, HANDLES)).toEqual(marked(text, HANDLES))
    }), { numRuns: 600 })
  })
})
