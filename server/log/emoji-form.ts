import { emojiOf } from '#shared/text/emoji'

/** How many different ones are remembered; there are some four thousand. */
const MEMORY = 5_000
const known = new Map<string, string>()

/** A stored emoji in its one full form: rows of before there was one may hold `\u2764` without the sign that asks for colour (LOG-5). */
export function fullForm(stored: string): string {
  const before = known.get(stored)
  if (before !== undefined) return before
  if (known.size >= MEMORY) known.clear()
  const full = emojiOf(stored) ?? stored
  known.set(stored, full)
  return full
}

/** Every form in which a row may hold an emoji. */
export function formsOf(emoji: string): string[] {
  return [...new Set([emoji, emoji.replaceAll('\uFE0F', '')])]
}
