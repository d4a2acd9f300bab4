/** What is shown of foreign text at most, in characters. */
export const QUOTED_LENGTH = 280
/** Characters that turn the direction of text, hide in it, or control a terminal. */
const DECEIVING = /[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]+/gu
const MARKDOWN = /[\\`*_{}[\]<>&~|#!$^=@]/g
/** What a renderer makes a link of without any marks: `https://…`, `//host`, `mailto:…`, `www.example.org`, `example.org`. */
const LINKING = /:(?=[/\p{L}])|\.(?=\p{L})|\/(?=\/)/gu
const ELLIPSIS = '…'

/**
 * Foreign text as markdown that shows exactly this text on one line: it can be no heading, no list, no emphasis, no code, no
 * HTML, no link and no end of the quotation that it stands in.
 *
 * @param length how many characters of it are shown at most
 */
export function escaped(text: string, length = QUOTED_LENGTH): string {
  const line = text.replace(/\s+/g, ' ').replace(DECEIVING, ' ').replace(/ {2,}/g, ' ').trim()
  return shortened(line, length).replace(/[“”„‟«»]/g, '\'').replace(MARKDOWN, '\\$&').replace(LINKING, '\\$&')
}

/** Cuts between words where it can, and never inside a character. */
export function shortened(text: string, length: number): string {
  const characters = [...text]
  if (characters.length <= length) return text
  const cut = characters.slice(0, length - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${space > length / 2 ? cut.slice(0, space) : cut}${ELLIPSIS}`
}
