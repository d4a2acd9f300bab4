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
