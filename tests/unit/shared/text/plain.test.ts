import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parser } from '../../../../shared/text/markdown'
import { isPlain } from '../../../../shared/text/plain'

/** What the page shows of a plain text, without a parser. */
const shown = (text: string) => `<p dir="auto">${parser.utils.escapeHtml(text).replaceAll('\n', '<br>\n')}</p>\n`
const env = { times: true, mentions: /(^|\s)(@ann)(?!\w)/giu }
const laidOut = (text: string) => parser.renderer.render(parser.parse(text, env), parser.options, env)

describe('texts that are only words', () => {
  it.each([
    'hello', 'How are you? Fine!', 'one\ntwo\nthree', 'a - b', 'half past 3.', 'Zoë, naïve: 100%', '👍', 'שלום עולם', 'a (b) c; "d"', 'x/y', 'it\'s #1', 'it is 3.5', '12:30', 'a = b',
  ])('takes %j for one, and shows it as markdown would', (text) => {
    expect(isPlain(text)).toBe(true)
    expect(shown(text)).toBe(laidOut(text))
  })

  it.each([
    '', '**a**', '_a_', '`a`', '~~a~~', '[a](/r/b)', '<b>', '&amp;', '\\a', '| a |', 'https://a.b', 'ftp://a', '//a.b', 'WWW.a.b', 'a@b.c', '@ann', '# a', '- a', '+ a', '> a', '1. a', '2) a', 'a\n---', 'a\n===',
    'a\n\nb', 'a\n \nb', ' a', 'a ', 'a\n    b', 'a\tb', 'a\rb', '2026-01-01T00:00Z',
  ])('leaves %j to markdown', text => expect(isPlain(text)).toBe(false))

  const pieces = ['a', 'b.', 'Ünï', ' ', '  ', '\n', '\n\n', '#', '-', '--', '=', '+', '1.', '2)', ':', '/', '*', '_', '`', '<', '>', '&', ';', '|', '!', '[', ']', '(', ')', '~', '@', 'ann', 'www', '.', 'com', 'http', 'mailto:', '"', '\'', '\u00A0', '\u2028', '\u200D', '👍', '\\', '\t', 'T00:00Z', '2026-01-01', 'x.org']
  it('never takes for one what markdown shows as anything else, of any text at all', () => {
    let plain = 0
    fc.assert(fc.property(fc.oneof(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(all => all.join('')), fc.string({ unit: 'grapheme', maxLength: 12 })), (text) => {
      if (!isPlain(text)) return
      plain++
      expect(shown(text)).toBe(laidOut(text))
    }), { numRuns: 6_000 })
    expect(plain).toBeGreaterThan(300)
  })
})
