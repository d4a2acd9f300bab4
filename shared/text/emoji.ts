/** Newer browsers and Node know which sequences are emoji (UTS 51, RGI); of others their form is looked at. */
const RGI = (() => {
  try {
    return new RegExp('^\\p{RGI_Emoji}$', 'v')
  } catch {
    return undefined
  }
})()
/** One emoji with what may modify it, a flag, or a key. Also what is newer than the tables of this engine. */
const FORM = /^(?:\p{RI}{2}|[0-9#*]\uFE0F\u20E3|\p{ExtPict}(?:\uFE0F|\p{EMod})?[\u{E0020}-\u{E007F}]*(?:\u200D\p{ExtPict}(?:\uFE0F|\p{EMod})?)*)$/u
const UNASSIGNED = /\p{Cn}/u
const TEXT_BY_DEFAULT = /^(?=\p{Emoji})\P{Emoji_Presentation}$/u
const MODIFIER = /^\p{EMod}$/u

/**
 * An emoji in its one full form, so that `❤` and `❤️` are the same: with the sign that asks for colour wherever one is due and
 * nowhere else (UTS 51, fully-qualified).
 *
 * @returns undefined for what is not exactly one emoji
 */
export function emojiOf(text: string): string | undefined {
  const signs = [...text.trim().replace(/[\uFE0E\uFE0F]/g, '')]
  const full = signs.map((sign, index) => TEXT_BY_DEFAULT.test(sign) && !MODIFIER.test(signs[index + 1] ?? '') && !/\p{RI}/u.test(sign) ? `${sign}\uFE0F` : sign).join('')
  const known = RGI && !UNASSIGNED.test(full) ? RGI.test(full) : FORM.test(full)
  return known ? full : undefined
}

/** Splits a text that is nothing but up to `max` emoji, and white space, into them; undefined for any other text. */
export function onlyEmoji(text: string, max = 3): string[] | undefined {
  const bare = text.trim()
  if (bare === '' || bare.length > max * 40 || !/[\p{ExtPict}\p{RI}\u20E3]/u.test(bare)) return undefined
  const parts = [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(bare)].map(({ segment }) => segment).filter(part => part.trim() !== '')
  return parts.length <= max && parts.every(part => emojiOf(part) !== undefined && !/^[©®™]$/.test(part)) ? parts : undefined
}
