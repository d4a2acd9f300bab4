import { createAsking } from '../../server/ai/built-in/asking'
import type { Asking } from '../../server/ai/built-in/asking'
import type { Asker } from '../../server/ai/built-in/types'
import { at, roomOf } from './engine-room'
import type { Said } from './engine-room'

/** A question of Eve on a hand-made room, two hours after it began. */
export async function ask(question: string, said: readonly Said[], asker: Partial<Asker> = {}, now = at(120)): Promise<Asking> {
  return createAsking(question, await roomOf(said), { id: 'eve', name: 'Eve', ...asker }, { slug: 'host', name: 'Host' }, now)
}

/** The numbers of the messages an answer links to, in their order, each once. */
export function linked(markdown: string): number[] {
  return [...new Set([...markdown.matchAll(/\[#(\d+)\]\(\/r\/plan#m(\d+)\)/g)].map(([, shown, target]) => {
    if (shown !== target) throw new Error(`[#${shown}] leads to #${target}`)
    return Number(shown)
  }))]
}
