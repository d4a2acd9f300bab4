import { pageSlug } from './passages'
import type { Passage } from './passages'
import type { Line, Source } from './types'

const QUOTED_LENGTH = 280
const NAME_LENGTH = 64
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

/** A name, so marked that it cannot be taken for the engine's own words. */
export function named(name: string): string {
  return `**${escaped(name, NAME_LENGTH) || '?'}**`
}

/** What somebody said, in quotation marks. */
export function quoted(text: string, length = QUOTED_LENGTH): string {
  return `“${escaped(text, length)}”`
}

/** The address of an entry of a room. */
export function entryUrl(room: string, seq: number): string {
  return `/r/${encodeURIComponent(room)}#m${seq}`
}

/** A link to an entry: its number, for that is what nobody can forge. */
export function entryLink(room: string, seq: number): string {
  return `[#${seq}](${entryUrl(room, seq)})`
}

/** An entry as a source of an answer. */
export function entrySource(room: string, line: Line): Source {
  return { id: `${room}#${line.seq}`, url: entryUrl(room, line.seq), title: `${shortened(line.author, NAME_LENGTH)}, #${line.seq}` }
}

/** The address of a passage's heading. */
export function docUrl(passage: Passage): string {
  return `/docs/${encodeURIComponent(pageSlug(passage.path))}${passage.anchor === '' ? '' : `#${encodeURIComponent(passage.anchor)}`}`
}

/** A passage's page and headings, as one line. */
export function docTitle(passage: Passage): string {
  return passage.trail.join(' › ')
}

/** The quotation of a passage of the docs, as the block of markdown that it is. */
export function quotedPassage(passage: Passage): string {
  const text = unwrapped(passage.markdown.replace(/^(?:[-*+]|\d+[.)])\s+/, ''))
  return text.split('\n').map(line => line === '' ? '>' : `> ${line}`).join('\n')
}

/** Text without the line breaks its file has for its width; code keeps them. */
function unwrapped(markdown: string): string {
  const lines: string[] = []
  let isCode = false
  let isOpen = false
  for (const line of markdown.split('\n')) {
    const isFence = line.trimStart().startsWith('```')
    if (isOpen && !isCode && !isFence && line.trim() !== '') lines.push(`${lines.pop() ?? ''} ${line.trim()}`)
    else lines.push(line)
    if (isFence) isCode = !isCode
    isOpen = !isFence && !isCode && line.trim() !== ''
  }
  return lines.join('\n')
}

/** Cuts between words where it can, and never inside a character. */
function shortened(text: string, length: number): string {
  const characters = [...text]
  if (characters.length <= length) return text
  const cut = characters.slice(0, length - 1).join('')
  const space = cut.lastIndexOf(' ')
  return `${space > length / 2 ? cut.slice(0, space) : cut}${ELLIPSIS}`
}
