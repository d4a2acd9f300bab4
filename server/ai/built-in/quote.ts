import { pageSlug } from '../../docs/pages'
import { escaped, QUOTED_LENGTH, shortened } from '../escaped'
import type { Passage } from './passages'
import type { Line, Source } from './types'

const NAME_LENGTH = 64

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
