import { readFact } from './facts'
import type { Fact } from './facts'

/** How a fact is written between nodes. */
export interface WrittenFact { topic: string, key: string, value?: unknown }

interface Told {
  /** Its newest word that was heard. */
  n: number
  facts: Map<string, Fact>
  /** What has come so far of all it says. */
  coming?: { n: number, parts: number, facts: Map<string, Fact> }
}

/**
 * What the other nodes have said of themselves. Their words are numbered, so that one that was lost is noticed: all of them are then
 * asked for again, and what differs is told as news.
 */
export class ToldFacts {
  private readonly nodes = new Map<string, Told>()

  /** @param onFact told what another node says anew, or takes back; `died` when it is gone itself */
  constructor(private readonly onFact: (node: string, fact: Fact, died: boolean) => void) {}

  /** Takes in a node's `n`-th word. Returns whether none is missing before it. */
  hear(node: string, n: number, written: WrittenFact): boolean {
    const told = this.nodes.get(node)
    if (told && n <= told.n) return true
    if (told?.n !== n - 1) return false
    told.n = n
    const fact = readFact(written)
    if (fact) this.apply(node, told, fact)
    return true
  }

  /** Takes in a part of all that a node says; the last one makes it true. Returns whether no part is missing. */
  hearAll(node: string, { n, part, last, facts }: { n: number, part: number, last: boolean, facts: readonly WrittenFact[] }): boolean {
    const told = this.nodes.get(node) ?? { n: -1, facts: new Map<string, Fact>() }
    this.nodes.set(node, told)
    if (part === 0) told.coming = { n, parts: 0, facts: new Map() }
    const { coming } = told
    if (coming?.n !== n || coming.parts !== part) return false
    coming.parts++
    for (const written of facts) {
      const fact = readFact(written)
      if (fact) coming.facts.set(keyOf(fact), fact)
    }
    if (!last) return true
    told.coming = undefined
    // Words that came meanwhile are newer.
    if (n < told.n) return true
    told.n = n
    for (const [key, fact] of [...told.facts]) {
      if (!coming.facts.has(key)) this.apply(node, told, { ...fact, value: undefined } as Fact)
    }
    for (const fact of coming.facts.values()) this.apply(node, told, fact)
    return true
  }

  /** Whether all is known that a node has said up to its `n`-th word. */
  knows(node: string, n: number): boolean {
    const told = this.nodes.get(node)
    return told !== undefined && told.n >= n
  }

  /** A node is gone, and with it all it said. */
  died(node: string): void {
    const told = this.nodes.get(node)
    this.nodes.delete(node)
    for (const fact of told?.facts.values() ?? []) this.onFact(node, { ...fact, value: undefined } as Fact, true)
  }

  private apply(node: string, told: Told, fact: Fact): void {
    const key = keyOf(fact)
    const before = told.facts.get(key)
    if (fact.value === undefined) told.facts.delete(key)
    else told.facts.set(key, fact)
    if (JSON.stringify(before?.value) !== JSON.stringify(fact.value)) this.onFact(node, fact, false)
  }
}

/** What this node says of itself: the newest of each key, and how often it has spoken. */
export class OwnFacts {
  n = 0
  private readonly facts = new Map<string, WrittenFact>()

  /** Notes one. Returns it with its number, or undefined where it is no news. */
  say(fact: Fact): { n: number, fact: WrittenFact } | undefined {
    const key = keyOf(fact)
    const before = this.facts.get(key)
    if (JSON.stringify(before?.value) === JSON.stringify(fact.value)) return undefined
    if (fact.value === undefined) this.facts.delete(key)
    else this.facts.set(key, fact)
    return { n: ++this.n, fact }
  }

  /** All of them, in parts of about this many characters; one part at least. */
  parts(characters: number): WrittenFact[][] {
    const parts: WrittenFact[][] = [[]]
    let length = 0
    for (const fact of this.facts.values()) {
      const more = JSON.stringify(fact).length
      if (length > 0 && length + more > characters) {
        parts.push([])
        length = 0
      }
      parts.at(-1)?.push(fact)
      length += more
    }
    return parts
  }
}

function keyOf({ topic, key }: { topic: string, key: string }): string {
  return `${topic}\n${key}`
}
