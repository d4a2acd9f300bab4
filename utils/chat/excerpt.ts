import { parsed, wordsOf } from '#shared/text/markdown'

/** No excerpt needs more of a text than this. */
const READ = 2_000

/** One line of a message's text without its markup, for quotes and announcements: its words as they stand. */
export function excerpt(text: string, length = 120): string {
  const line = wordsOf(parsed(text.slice(0, READ).toWellFormed())) || text.trim().replace(/\s+/g, ' ').slice(0, READ)
  return line.length > length ? `${[...line].slice(0, length - 1).join('')}…` : line
}
