import type { Line } from './types'

/** The people who write in a room, found by name in what is said. */
export interface People {
  /** The person a text begins with, and what follows the name. */
  leading: (text: string) => { name: string, rest: string } | undefined
  /** The person a text names anywhere, `@` before the name counting most. */
  called: (text: string) => string | undefined
}

const MOST = 300

/** Everybody who wrote, bots aside. A first name counts where only one person has it. */
export function createPeople(lines: readonly Line[]): People {
  const names = new Set<string>()
  for (let index = lines.length - 1; index >= 0 && names.size < MOST; index--) {
    const { author, bot } = lines[index]!
    if (!bot && author.trim() !== '') names.add(author)
  }
  const byWord = new Map<string, string | undefined>()
  for (const name of names) {
    const first = name.split(/\s/)[0]!.toLowerCase()
    byWord.set(first, byWord.has(first) ? undefined : name)
  }
  for (const name of names) byWord.set(name.toLowerCase(), name)
  const known = [...byWord].flatMap(([word, name]) => name !== undefined && word.length > 1 ? [{ word, name }] : []).sort((a, b) => b.word.length - a.word.length)

  const at = (text: string, word: string, from: number) => text.startsWith(word, from) && !/[\p{L}\p{N}_-]/u.test(text.charAt(from + word.length))

  return {
    leading(text) {
      const lower = text.toLowerCase()
      const start = lower.startsWith('@') ? 1 : 0
      const found = known.find(({ word }) => at(lower, word, start))
      return found && { name: found.name, rest: text.slice(start + found.word.length) }
    },
    called(text) {
      const lower = text.toLowerCase()
      const places = [...lower.matchAll(/(?<![\p{L}\p{N}_-])@?(?=[\p{L}\p{N}])/gu)].map(({ index, 0: mark }) => ({ from: index + mark.length, mark }))
      for (const { from } of places.sort((a, b) => b.mark.length - a.mark.length)) {
        const found = known.find(({ word }) => at(lower, word, from))
        if (found) return found.name
      }
      return undefined
    },
  }
}
