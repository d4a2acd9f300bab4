import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NESTING_MAX, parsed, parser, walked, wordsOf } from '../../../../shared/text/markdown'
import { isVisible } from '../../../../shared/text/visible'
import { excerpt } from '../../../../utils/chat/excerpt'

const links = (text: string) => {
  const found: string[] = []
  walked(parsed(text), token => token.type === 'link_open' && found.push(token.attrGet('href') ?? ''))
  return found
}
const html = (text: string) => parser.renderer.render(parsed(text), parser.options, {})

describe('what a link is', () => {
  it.each([
    ['see https://example.org/a_(b).', ['https://example.org/a_(b)']], ['HTTP://EXAMPLE.ORG', ['HTTP://EXAMPLE.ORG']], ['www.example.org/x', ['http://www.example.org/x']], ['mailto:a@example.org', ['mailto:a@example.org']],
    ['write to ann@example.org', ['mailto:ann@example.org']], ['[a](https://example.org)', ['https://example.org']], ['<https://example.org>', ['https://example.org']],
  ])('%j leads to %j', (text, hrefs) => expect(links(text)).toEqual(hrefs))

  it.each(['README.md', 'main.py', 'Node.js', 'e.g.foo', 'ASP.net', 'example.org', 'a.b.com/c', 'www.', 'www', 'index.html', 'v1.2.3', '//example.org', 'ftp://example.org', 'javascript:alert(1)', '192.168.0.1', 'lib.rs and setup.sh'])('%j is none', text => expect(links(text)).toEqual([]))
})

describe('what shows', () => {
  it.each(['#', '>', '######', '> >', '-', '1.', '[]()', '[x]: https://example.org', '<!-- -->', '`', '``', '\\', '```\n```', '&nbsp;', '&#8203;', '|', '|-|', '~~~', '*', '> #', '- >', '` `', '\\\n\\'])('%j shows as it was typed', (text) => {
    expect(isVisible(wordsOf(parsed(text)))).toBe(true)
  })

  it('[FRM-9] every text with something to see shows something', () => {
    const piece = fc.constantFrom('#', '>', '-', '*', '_', '`', '```', '~', '[', ']', '(', ')', '!', '<', '&nbsp;', '&#8203;', '\\', '|', '\n', '\n\n', ' ', '    ', '1.', 'x', ':', '---', '\u200B', '@', '[ ] ', '&zwj;')
    fc.assert(fc.property(fc.array(piece, { minLength: 1, maxLength: 14 }), (pieces) => {
      const text = pieces.join('')
      fc.pre(isVisible(text) && !parsed(text).some(({ type }) => type === 'hr'))
      let seen = false
      walked(parsed(text), token => seen ||= token.type === 'task' || (token.type !== 'inline' && isVisible(token.content)))
      expect(seen).toBe(true)
    }), { numRuns: 2_000 })
  })

  it('quotations and lists stand no deeper in each other than can be read, and lose no word', () => {
    for (const text of [`${'>'.repeat(60)} deep`, Array.from({ length: 30 }, (_, n) => `${'  '.repeat(n)}- item ${n}`).join('\n'), `${'> - '.repeat(20)}deep`]) {
      const out = html(text)
      const depth = Math.max(...[...out.matchAll(/<(\/?)(?:blockquote|ul|ol)\b/g)].reduce<number[]>((all, [, end]) => [...all, (all.at(-1) ?? 0) + (end ? -1 : 1)], []))
      expect(depth).toBeLessThanOrEqual(NESTING_MAX)
      expect(out.match(/deep|item \d+/g)).toHaveLength(text.includes('deep') ? 1 : 30)
      expect(out.split('<blockquote').length).toBe(out.split('</blockquote').length)
      expect(out.split('<li').length).toBe(out.split('</li').length)
    }
  })

  it('each block runs the way its letters do, and code from left to right', () => {
    const out = html('שלום\n\nhello\n\n- אחת\n\n> ציטוט\n\n| א |\n|---|\n| ב |')
    expect(out.match(/<p dir="auto">/g)!.length).toBeGreaterThanOrEqual(3)
    for (const open of ['<ul dir="rtl">', '<li dir="auto">', '<blockquote dir="rtl">', '<table dir="rtl">', '<td dir="auto">']) expect(out).toContain(open)
  })

  it.each([
    ['- [ ] one\n- [x] two', [false, true]], ['1. [X] a', [true]], ['[ ] no list', []], ['- [y] no', []], ['- a [ ]', []],
  ])('%j has the boxes %j', (text, boxes) => {
    const found: unknown[] = []
    walked(parsed(text), token => token.type === 'task' && found.push(token.meta))
    expect(found).toEqual(boxes)
  })
})

describe('excerpts', () => {
  it.each([
    ['call get_user_id() and C# > 3', 'call get_user_id() and C# > 3'], ['**bold** and `code`\n> quote', 'bold and code quote'], ['a * b * c', 'a * b * c'], ['# Title\n\ntext', 'Title text'], ['```js\nconst a = 1\n```', 'const a = 1'],
    ['`a_b` and ~/x', 'a_b and ~/x'], ['[docs](https://example.org)', 'docs'], ['- [x] done', '☑ done'], ['#', '#'], ['***', '***'], ['| a | b |\n|---|---|\n| 1 | 2 |', 'a b 1 2'], ['un**fin**ished', 'unfinished'],
  ])('of %j is %j', (text, line) => expect(excerpt(text)).toBe(line))

  it('cuts no character in two', () => {
    expect(excerpt('😀'.repeat(200), 10).isWellFormed()).toBe(true)
    expect(excerpt('😀'.repeat(3_000), 10).isWellFormed()).toBe(true)
  })
})
