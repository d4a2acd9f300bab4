import type { Line } from './types'

/** The people who write in a room, found by name in what is said. */
export interface People {
  /** The person a text begins with, and what follows the name. */
  leading: (text: string) => { name: string, rest: string } | undefined
  /** The person a text names anywhere, `@` before the name counting most. */
  called: (text: string) => string | undefined
}

const MOST = 300
/** Of a name, so much is looked for. */
const LONGEST = 64

/** A letter of names that begin alike: a text is followed along it for as long as any of them goes on, however many they are. */
interface Branch {
  readonly next: Map<string, Branch>
  name?: string
}

/** Everybody who wrote, bots aside. A first name counts where only one person has it. */
export function createPeople(lines: readonly Line[]): People {
  const root = treeOf(wordsOf(namesOf(lines)))

  /** The longest name that stands at a place, up to the end of its last word. */
  function at(text: string, from: number): { name: string, end: number } | undefined {
    let found: { name: string, end: number } | undefined
    let branch: Branch | undefined = root
    for (let place = from; branch; place++) {
      if (branch.name !== undefined && place > from && !goesOn(text.charAt(place))) found = { name: branch.name, end: place }
      branch = branch.next.get(text.charAt(place))
    }
    return found
  }

  return {
    leading(text) {
      const lower = text.toLowerCase()
      const found = at(lower, lower.startsWith('@') ? 1 : 0)
      return found && { name: found.name, rest: text.slice(found.end) }
    },
    called(text) {
      const lower = text.toLowerCase()
      const places = [...lower.matchAll(/(?<![\p{L}\p{N}_-])@?(?=[\p{L}\p{N}])/gu)].map(({ index, 0: mark }) => ({ from: index + mark.length, mark }))
      for (const { from } of places.sort((a, b) => b.mark.length - a.mark.length)) {
        const found = at(lower, from)
        if (found) return found.name
      }
      return undefined
    },
  }
}

function namesOf(lines: readonly Line[]): Set<string> {
  const names = new Set<string>()
  for (let index = lines.length - 1; index >= 0 && names.size < MOST; index--) {
    const { author, bot } = lines[index]!
    if (!bot && author.trim() !== '') names.add(author)
  }
  return names
}

/** What people are called by: their names, and their first names where those are one person's. */
function wordsOf(names: ReadonlySet<string>): Map<string, string | undefined> {
  const byWord = new Map<string, string | undefined>()
  for (const name of names) {
    const first = name.split(/\s/)[0]!.toLowerCase()
    byWord.set(first, byWord.has(first) ? undefined : name)
  }
  for (const name of names) byWord.set(name.toLowerCase(), name)
  return byWord
}

function treeOf(words: ReadonlyMap<string, string | undefined>): Branch {
  const root: Branch = { next: new Map() }
  for (const [word, name] of words) {
    if (name === undefined || word.length < 2 || word.length > LONGEST) continue
    let branch = root
    for (let place = 0; place < word.length; place++) {
      const letter = word.charAt(place)
      const next = branch.next.get(letter) ?? { next: new Map<string, Branch>() }
      branch.next.set(letter, next)
      branch = next
    }
    branch.name = name
  }
  return root
}

/** Whether a name would go on with this character, and so is another one. */
function goesOn(character: string): boolean {
  return /[\p{L}\p{N}_-]/u.test(character)
}
