import { parsed, walked } from './markdown'

const SPECIAL = /[.*+?^${}()|[\]\\/]/g

/**
 * Finds mentions of any of these handles in a stretch of plain text; the first group is what stands before the `@`. Earlier handles
 * win: those of bots come first, for whom a mention has a consequence.
 */
export function mentionPattern(handles: readonly string[]): RegExp | undefined {
  const known = handles.filter(handle => handle !== '')
  if (known.length === 0) return undefined
  return new RegExp(`(^|[\\s([{,;:“„«"'])(@(?:${known.map(handle => handle.replace(SPECIAL, '\\$&')).join('|')}))(?![\\p{L}\\p{N}_-])`, 'giu')
}

/** Handles in the order they are looked for: bots before people, longer before shorter. */
export function mentionOrder(bots: readonly string[], people: readonly string[] = []): string[] {
  const longest = (all: readonly string[]) => [...all].sort((a, b) => b.length - a.length)
  return [...longest(bots), ...longest(people)]
}

/**
 * Who is named in a message, by page and server alike: what stands in code or in the words of a link names nobody.
 *
 * @param handles who could be named, in the order of {@link mentionOrder}
 * @returns the handles in small letters
 */
export function mentionsOf(text: string, handles: readonly string[]): Set<string> {
  const found = new Set<string>()
  const pattern = text.includes('@') ? mentionPattern(handles) : undefined
  if (!pattern) return found
  walked(parsed(text), (token, inLink) => {
    if (token.type !== 'text' || inLink) return
    for (const match of token.content.matchAll(pattern)) found.add(match[2]!.slice(1).toLowerCase())
  })
  return found
}
