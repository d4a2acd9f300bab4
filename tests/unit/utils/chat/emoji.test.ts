import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { emojiOf } from '../../../../shared/text/emoji'
import { COMMON, EMOJI_GROUPS, findEmoji, readEmoji, shortNameAt, toned, TONES, untoned, withRecent } from '../../../../utils/chat/emoji'

const all = readEmoji(readFileSync(new URL('../../../../public/emoji/en.txt', import.meta.url), 'utf8'))

describe('emoji to pick', () => {
  it('[LOG-5] are all emoji the server takes, each once, in a group that is shown', () => {
    expect(all.length).toBeGreaterThan(1_800)
    expect(new Set(all.map(({ emoji }) => emoji)).size).toBe(all.length)
    expect(all.filter(({ emoji, group }) => emojiOf(emoji) !== emoji || !(EMOJI_GROUPS as readonly number[]).includes(group))).toEqual([])
    expect(COMMON.filter(emoji => !all.some(entry => entry.emoji === emoji))).toEqual([])
  })

  it.each([
    ['smile', '😄'], [':tada:', '🎉'], ['heart', '❤️'], ['+1', '👍'], ['thumbs up', '👍️'.replace('\uFE0F', '')], ['thumbsup', '👍'], ['GERMANY', '🇩🇪'], ['polar bear', '🐻‍❄️'], ['rocket', '🚀'],
  ])('%j finds %s first', (query, emoji) => expect(findEmoji(all, query)[0]?.emoji).toBe(emoji))

  it('finds by further words, and nothing by nonsense', () => {
    expect(findEmoji(all, 'lol').length).toBeGreaterThan(0)
    expect(findEmoji(all, 'qqqq')).toEqual([])
  })

  it.each([
    [':sm', { start: 0, query: 'sm', whole: false }], ['hi :Smile', { start: 3, query: 'smile', whole: false }], ['hi :smile:', { start: 3, query: 'smile', whole: true }], ['(:+1', { start: 1, query: '+1', whole: false }],
    ['12:30', undefined], ['a:smile', undefined], [':s', undefined], ['https://x', undefined], [': smile', undefined], ['key: value', undefined],
  ])('a short name is begun by %j', (text, found) => expect(shortNameAt(text, text.length)).toEqual(found))

  it.each([['👍', '👍🏽'], ['✌️', '✌🏽'], ['👩‍💻', '👩🏽‍💻'], ['🕵️‍♀️', '🕵🏽‍♀️'], ['👍🏿', '👍🏿'], ['🔥', '🔥'], ['👨‍👩‍👧', '👨‍👩‍👧'], ['❤️', '❤️']])('%s in a skin tone is %s', (emoji, expected) => {
    expect(toned(emoji, '\u{1F3FD}')).toBe(expected)
    expect(toned(emoji, '')).toBe(emoji)
  })

  it('[LOG-5] the server takes every emoji in every skin tone, and each is found again without it', () => {
    for (const tone of TONES) {
      const given = all.map(({ emoji }) => [emoji, toned(emoji, tone)] as const)
      expect(given.filter(([, one]) => emojiOf(one) !== one)).toEqual([])
      expect(given.filter(([emoji, one]) => untoned(one) !== emoji)).toEqual([])
    }
    expect(all.filter(({ emoji }) => toned(emoji, TONES[1]) !== emoji).length).toBeGreaterThan(200)
  })

  it('what was used last comes first, once', () => {
    expect(withRecent(['a', 'b'], 'b')).toEqual(['b', 'a'])
    expect(withRecent(Array.from({ length: 50 }, (_, n) => String(n)), 'x')).toHaveLength(24)
  })
})
