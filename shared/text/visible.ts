/**
 * What a text shows nothing of: white space, controls, lone marks, what Unicode calls default ignorable (zero width signs, fillers,
 * direction marks, variation selectors), the empty braille cell, and code points that are no characters.
 */
const UNSEEN = '\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Mn}\\p{Me}\\p{DI}\\p{NChar}\\u2800\\uFFF9-\\uFFFB'
const SEEN = new RegExp(`[^${UNSEEN}]`, 'u')

/** Whether a text has at least one character that can be seen. */
export function isVisible(text: string): boolean {
  return SEEN.test(text)
}

/** Signs without a look of their own that some writing needs: joiners in Arabic and Indic words and in emoji, and variations. */
const NEEDED = [
  '(?<=[\\p{Emoji}\\p{EMod}\\uFE0F\\u20E3])(?:\\uFE0F|\\u200D(?=\\p{ExtPict}))',
  '(?<=[\\p{L}\\p{M}])[\\u200C\\u200D](?=[\\p{Script_Extensions=Arabic}\\p{Script_Extensions=Syriac}\\p{Script_Extensions=Devanagari}\\p{Script_Extensions=Bengali}\\p{Script_Extensions=Gurmukhi}\\p{Script_Extensions=Gujarati}\\p{Script_Extensions=Oriya}\\p{Script_Extensions=Tamil}\\p{Script_Extensions=Telugu}\\p{Script_Extensions=Kannada}\\p{Script_Extensions=Malayalam}\\p{Script_Extensions=Sinhala}\\p{Script_Extensions=Khmer}\\p{Script_Extensions=Mongolian}])',
  '(?<=\\p{Script=Han})[\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}]',
  '(?<=\\u{1F3F4}[\\u{E0020}-\\u{E007F}]*)[\\u{E0020}-\\u{E007F}]',
].join('|')
const HIDDEN = new RegExp(`(${NEEDED})|[\\p{DI}\\uFFF9-\\uFFFB\\u2800]|\\p{NChar}`, 'gu')
/** As many marks as any writing puts on one letter; more of them are there to paint over other lines. */
const MARKS_MAX = 4
const STACKED = new RegExp(`([\\p{Mn}\\p{Me}]{${MARKS_MAX}})[\\p{Mn}\\p{Me}]+`, 'gu')

/**
 * A name or title as it is kept: composed (NFC), one line, without signs that only hide in it, and with no more marks on a
 * letter than writing needs. What remains may be empty.
 */
export function tidied(text: string): string {
  return text.normalize('NFC').replace(HIDDEN, '$1').replace(STACKED, '$1').replace(/\s+/g, ' ').trim()
}

/** Letters of other scripts, and digits, that look like a Latin letter (a part of Unicode's UTS 39 confusables). */
const LOOKALIKES: Readonly<Record<string, string>> = Object.fromEntries([
  'aаαɑ', 'bвьЬβ', 'cсϲ', 'dԁ', 'eеєε', 'gɡ', 'hһн', 'iіιıl1|ӏ', 'jјϳ', 'kкκ', 'mм', 'nпηռ', 'oоοօ0', 'pрρ', 'qԛ', 'rг', 'sѕ', 'tтτ', 'uսυ', 'vνѵ', 'wѡԝω', 'xхχ', 'yуγү', 'zᴢ',
].flatMap(([latin, ...others]) => others.map(other => [other, latin!])))

/** What a name looks like: names with the same look can be taken for each other. */
export function lookOf(name: string): string {
  const plain = name.normalize('NFKD').toLowerCase().replace(/[\p{M}\p{DI}\p{Cc}\s.,'’`´_-]/gu, '')
  return [...plain].map(letter => LOOKALIKES[letter] ?? letter).join('').replaceAll('rn', 'm').replaceAll('vv', 'w')
}

/**
 * What to call people among whom some look the same: those get two letters of their id behind their name, the same everywhere.
 * A bot keeps its name.
 *
 * @returns what to call one of them, by id and name
 */
export function toldApart(people: Iterable<{ id: string, name: string }>): (id: string, name: string) => string {
  const byLook = new Map<string, Set<string>>()
  for (const { id, name } of people) {
    const look = lookOf(name)
    byLook.set(look, (byLook.get(look) ?? new Set<string>()).add(id))
  }
  return (id, name) => (byLook.get(lookOf(name))?.size ?? 0) > 1 && !id.startsWith('bot:') ? `${name} (${id.slice(-2)})` : name
}

/** What is right to left in Unicode's sense, as far as people write with it. */
const RTL = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Hanifi_Rohingya}]/u
const STRONG = /\p{L}/u

/** The direction of a text by its first letter, as `dir="auto"` has it (HTML, 3.2.6.4). */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const first = STRONG.exec(text)
  return first && RTL.test(first[0]) ? 'rtl' : 'ltr'
}

/** A name for the middle of a sentence: one that runs the other way keeps its own direction, and leaves the sentence its own (UAX 9, FSI and PDI). */
export function isolated(name: string): string {
  return RTL.test(name) ? `\u2068${name}\u2069` : name
}
