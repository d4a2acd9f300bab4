import { describe, expect, it } from 'vitest'
import { KEYCAPS } from '../../../../shared/protocol/keycaps'
import { emoji } from '../../../../shared/protocol/fields'
import { emojiOf, onlyEmoji } from '../../../../shared/text/emoji'

describe('[LOG-5] what an emoji is', () => {
  it.each([
    ['❤', '❤️'], ['❤️', '❤️'], ['❤\uFE0E', '❤️'], ['👍', '👍'], ['👍\uFE0F', '👍'], ['👍🏽', '👍🏽'], ['🇩🇪', '🇩🇪'], ['1⃣', '1️⃣'], ['#️⃣', '#️⃣'], [' 🎉 ', '🎉'],
    ['👩‍❤‍💋‍👨', '👩‍❤️‍💋‍👨'], ['🏳‍🌈', '🏳️‍🌈'], ['🕵🏻‍♂', '🕵🏻‍♂️'], ['👨‍👩‍👧', '👨‍👩‍👧'], ['🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'], ['☹', '☹️'], ['✌🏿', '✌🏿'], ['⛓‍💥', '⛓️‍💥'],
  ])('%j is one, in full %j', (given, full) => {
    expect(emojiOf(given)).toBe(full)
    expect(emoji.parse(given)).toBe(full)
  })

  it.each(['Vote Bob', 'x', '1', '#', '', '👍👍', '👍 ok', '__proto__', '上', 'é', '\u200B', '\u200D', '\uFE0F', '🇩', '👍🏽🏽', '❤️x'])('%j is none', (given) => {
    expect(emojiOf(given)).toBeUndefined()
    expect(emoji.safeParse(given).success).toBe(false)
  })

  it('polls are voted in with emoji', () => {
    for (const keycap of KEYCAPS) expect(emojiOf(keycap)).toBe(keycap)
  })

  it.each([['😀', 1], ['😀 ❤', 2], ['👨‍👩‍👧🇩🇪1️⃣', 3]] as const)('%j is %i emoji and nothing else', (text, count) => expect(onlyEmoji(text)).toHaveLength(count))
  it.each(['', 'a', '😀😀😀😀', '😀 a', '123', '#', '©', '->'])('%j is not a few emoji alone', text => expect(onlyEmoji(text)).toBeUndefined())
})
