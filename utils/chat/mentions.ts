/** Somebody who can be named in a text. */
export interface Mentionable {
  /** What stands after the `@`. */
  handle: string
  /** What they are called in front of people. */
  name: string
  /** The author's id, for the avatar. */
  userId: string
  bot: boolean
  /** What stands for a bot, where it has that. */
  avatar?: string
  /** What a bot does, in one sentence. */
  description?: string
}

/** How many are offered at once. */
const OFFERED = 8
const QUERY = /(^|[\s([{,;:])@([^\s@]{0,32}(?: [^\s@]{1,32})?)$/u

/**
 * The mention that is being written before the caret.
 *
 * @returns where its `@` stands, and what was written after it
 */
export function mentionAt(text: string, caret: number): { start: number, query: string } | undefined {
  const found = QUERY.exec(text.slice(0, caret))
  return found ? { start: found.index + found[1]!.length, query: found[2]! } : undefined
}

/** Those a query may mean: those whose handle or one of whose words begins with it, the best first. */
export function matching(all: readonly Mentionable[], query: string): Mentionable[] {
  const wanted = query.toLocaleLowerCase()
  const rank = ({ handle, name, userId, bot }: Mentionable) => {
    const called = name.toLocaleLowerCase()
    // A bot is known by its id too.
    if ([handle.toLocaleLowerCase(), called, ...bot ? [userId.replace(/^bot:/, '')] : []].some(one => one.startsWith(wanted))) return 0
    return called.split(/\s+/).some(word => word.startsWith(wanted)) ? 1 : 2
  }
  return all.filter(one => rank(one) < 2).sort((a, b) => rank(a) - rank(b)).slice(0, OFFERED)
}
