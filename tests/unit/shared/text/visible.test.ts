import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { messageText, personName } from '../../../../shared/protocol/fields'
import { directionOf, isolated, isVisible, tidied, toldApart } from '../../../../shared/text/visible'

const NOTHING = ['', ' ', '\u200B', '\u200B\u200D', '\u3164', '\u115F\u1160', '\uFFA0', '\u00AD', '\u2060\uFEFF', '\u2800', '\u202E\u202C', '\u2066\u2069', '\u061C', '\uFE0F', '\u{E0061}\u{E007F}', '\u00A0\u3000', '\u0301', '\u180E', '\uFFFE', '\n\t']
const SOMETHING = ['a', '.', '0', '上', '한', 'ا', 'ש', 'हि', 'ไ', '😀', '❤️', '\u0600', '©', '\uFFFD', 'a\u200B', '𓀀']

describe('[FRM-9] what can be seen', () => {
  it.each(NOTHING)('%j is nothing, and no name or message', (text) => {
    expect(isVisible(text)).toBe(false)
    expect(personName.safeParse(text).success).toBe(false)
    expect(messageText.safeParse(text).success).toBe(false)
  })

  it.each(SOMETHING)('%j is something', (text) => {
    expect(isVisible(text)).toBe(true)
    expect(messageText.safeParse(text).success).toBe(true)
  })

  it('a message is kept as it was written', () => {
    expect(messageText.parse('a\u200B\u202Eb')).toBe('a\u200B\u202Eb')
  })

  it.each([
    ['Ada\u200B', 'Ada'], ['A\u00ADd\u2060a\uFEFF', 'Ada'], [' Ada \n Byron ', 'Ada Byron'], ['Ame\u0301lie', 'Amélie'], ['\u3164Ada', 'Ada'],
    ['می\u200Cخواهم', 'می\u200Cخواهم'], ['क्\u200Dष', 'क्\u200Dष'], ['👩\u200D🚀', '👩\u200D🚀'], ['❤\uFE0F', '❤\uFE0F'], ['🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}'], ['葛\u{E0100}', '葛\u{E0100}'],
    [`Z${'\u0335'.repeat(40)}`, `Z${'\u0335'.repeat(4)}`], ['Nguyễn', 'Nguyễn'], ['a\u200Db', 'ab'],
  ])('a name %j is kept as %j', (given, kept) => expect(tidied(given)).toBe(kept))

  it('a tidied name stays as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = tidied(text)
      expect(tidied(once)).toBe(once)
    }))
  })

  it.each([['Ada', 'Аda'], ['Ada', 'ada'], ['Ada', 'Ada\u200B'], ['Bill', 'BilI'], ['Oscar', '0scar'], ['Amélie', 'Amelie'], ['Ann Lee', 'AnnLee'], ['Ａｄａ', 'Ada']])('%j and %j are told apart, the same everywhere', (one, other) => {
    const people = [{ id: 'user-1a', name: one }, { id: 'user-2b', name: other }]
    for (const called of [toldApart(people), toldApart(people.toReversed())]) {
      expect(called('user-1a', one)).toBe(`${one} (1a)`)
      expect(called('user-2b', other)).toBe(`${other} (2b)`)
    }
  })

  it('names that differ are left alone, and a bot keeps its name', () => {
    const called = toldApart([{ id: 'a1', name: 'Ada' }, { id: 'b2', name: 'Bob' }, { id: 'a1', name: 'Ada' }, { id: 'bot:host', name: 'Host' }, { id: 'c3', name: 'Host' }])
    expect([called('a1', 'Ada'), called('b2', 'Bob'), called('bot:host', 'Host'), called('c3', 'Host')]).toEqual(['Ada', 'Bob', 'Host', 'Host (c3)'])
  })

  it.each([['hello', 'ltr'], ['שלום', 'rtl'], ['… 123 مرحبا', 'rtl'], ['(a) שלום', 'ltr'], ['123', 'ltr'], ['ދިވެހި', 'rtl'], ['上海', 'ltr']])('%j runs %s', (text, direction) => expect(directionOf(text)).toBe(direction))

  it('a name that runs the other way is set apart in a sentence', () => {
    expect(isolated('דנה')).toBe('\u2068דנה\u2069')
    expect(isolated('Ada')).toBe('Ada')
  })
})
