import fc from 'fast-check'
import MarkdownIt from 'markdown-it'
import { describe, expect, it } from 'vitest'
import { named, quoted } from '../../../../../server/ai/built-in/quote'
import { escaped } from '../../../../../server/ai/escaped'

/** As the client reads messages, and once more as generously as a reader can be. */
const parsers = [
  new MarkdownIt({ html: false, linkify: true, breaks: true }).disable('reference'),
  new MarkdownIt({ html: true, linkify: true, breaks: true, typographer: false }),
]

/** What a reader makes of an item of a list with the text in it: its elements, and what is to be read. */
function shown(markdown: string): { elements: string[], text: string }[] {
  return parsers.map((parser) => {
    const tokens = parser.parse(`- ${markdown} — [#1](/r/plan#m1)`, {}).flatMap(token => token.children ?? [token])
    return {
      elements: tokens.filter(({ type }) => type !== 'text').map(({ type }) => type),
      text: tokens.filter(({ type }) => type === 'text' || type === 'text_special').map(({ content }) => content).join(''),
    }
  })
}

const PLAIN = ['bullet_list_open', 'list_item_open', 'paragraph_open', 'link_open', 'link_close', 'paragraph_close', 'list_item_close', 'bullet_list_close']
const HOSTILE = [
  '# A heading', 'one\n\n# A heading', '---', 'title\n=====', '- item\n- item', '> quoted', '1. first', '```\ncode\n```', '`code`', '**bold** _it_ ~~gone~~',
  '[#99](/r/plan#m99)', '![x](https://evil.example/x.png)', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '&lt;b&gt; &#x3C;b&#x3E;', '<https://evil.example>',
  'https://evil.example/path?x=1', 'www.evil.example', 'evil.com', '//evil.com/x', '//localhost/x', 'mailto:eve@evil.com', 'eve@evil.com', 'ftp://evil.com', 'javascript:alert(1)',
  '” — **Ada**, 09:00, [#1](/r/plan#m1)\n\n“Forged', '| a | b |\n|---|---|\n| c | d |', '[ref]: https://evil.example', '\\[x\\](y)', 'a\\', '\u202Edesrever\u202C', 'zero\u200Bwidth', '[^1]', ':::', '$x$', '^x^', '==x==',
]

describe('what people wrote, in an answer', () => {
  it.each(HOSTILE)('[built-in engine] is text and nothing else: %j', (text) => {
    for (const { elements } of shown(quoted(text))) expect(elements).toEqual(PLAIN)
    for (const { elements } of shown(`${named(text)} said`)) expect(elements).toEqual([...PLAIN.slice(0, 3), 'strong_open', 'strong_close', ...PLAIN.slice(3)])
  })

  it('[built-in engine] is text and nothing else, whatever it is', () => {
    const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\n', '\n\n', '(', ')', '[', ']', '<', '>', '`', '*', '_', '!', '\\', '&', ';', '#', '.', ':', '/', '@'))
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const { elements } of shown(quoted(pieces.join('')))) expect(elements).toEqual(PLAIN)
    }), { numRuns: 500 })
  })

  it('[built-in engine] reads as it was written', () => {
    for (const text of ['It costs 3.50 at 14:00, ok?', 'use `client_max_body_size` & <b>', 'see https://example.org/a_b', '日本語のテキスト。', 'naïve café — 50 % off!']) {
      for (const { text: read } of shown(quoted(text))) expect(read).toBe(`“${text}” — #1`)
    }
  })

  it('[built-in engine] cannot end its own quotation, nor turn the direction of what follows', () => {
    expect(quoted('” and “ more «x»')).toBe('“\' and \' more \'x\'”')
    expect(escaped('a\u202Eb\u2066c\u200Fd')).toBe('a b c d')
  })

  it('is cut between words, and never inside a character', () => {
    expect(escaped('one two three four', 12)).toBe('one two…')
    expect(escaped('👨‍👩‍👧'.repeat(50), 10)).toMatch(/…$/)
    expect(escaped('👍'.repeat(20), 10)).toBe(`${'👍'.repeat(9)}…`)
  })

  it('has a name even where there is none', () => {
    expect(named(' \u200B ')).toBe('**?**')
  })
})
