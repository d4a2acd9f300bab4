import type { TransportChoice } from '#shared/protocol/fields'
import { CLOSE } from '#shared/protocol/limits'
import type { TransportName, WireEnd } from './wire'

export type { TransportChoice }

/** Who decided what may carry the connection, strongest first (FLAG-1). */
export type ChosenBy = 'query' | 'tester' | 'flag'

/** Every transport, best first: the order in which `auto` tries them. */
export const BEST_FIRST: readonly TransportName[] = ['websocket', 'sse', 'polling']

export const CHOICES: readonly TransportChoice[] = ['auto', ...BEST_FIRST]

/** Reads a choice that came from a person, a storage or an address; undefined for anything else. */
export function asChoice(value: unknown): TransportChoice | undefined {
  return CHOICES.find(choice => choice === value)
}

/** What holds of several wishes: the address's, then the tester's, then the server's (FLAG-1). */
export function chosen(wishes: { query?: TransportChoice, tester?: TransportChoice, flag: TransportChoice }): { choice: TransportChoice, by: ChosenBy } {
  if (wishes.query) return { choice: wishes.query, by: 'query' }
  if (wishes.tester) return { choice: wishes.tester, by: 'tester' }
  return { choice: wishes.flag, by: 'flag' }
}

/** The transport to fall back to, if any is left. */
export function worseThan(transport: TransportName): TransportName | undefined {
  return BEST_FIRST[BEST_FIRST.indexOf(transport) + 1]
}

/** What should carry the connection instead, in the order to try: nothing where all is as it should be. */
export function betterThan(transport: TransportName, choice: TransportChoice): readonly TransportName[] {
  if (choice === 'auto') return BEST_FIRST.slice(0, BEST_FIRST.indexOf(transport))
  return choice === transport ? [] : [choice]
}

/** What is known of a transport that does not connect, or does not last. */
export interface Trouble {
  /** When the newest try began. */
  readonly triedAt: number
  /** When the server answered over plain HTTP, asked because of this trouble. */
  readonly httpAt?: number
}

/** What to do about a try that failed: `ask` whether HTTP works, go on as it is, or take a worse transport. */
export type Verdict = 'ask' | 'patience' | 'fall'

/** A connection that lived shorter than this is as good as none. */
export const SHORT_LIFE_MS = 5_000
/** A try that has no result after this makes one wonder about the transport. */
export const WONDER_MS = 1_000
/** How long a try may go without result once it is known that HTTP works. */
export const PATIENCE_MS = 2_000

/**
 * Judges a failed try under `auto`. A transport is given up only when a try that began while HTTP was known to work failed
 * all the same: a server that is simply away pushes nobody down.
 */
export function judge(trouble: Trouble, end: Pick<WireEnd, 'code'>): Verdict {
  // The server itself sent us away for a while; no other transport would be more welcome.
  if (end.code === CLOSE.restarting || end.code === CLOSE.tooMany) return 'patience'
  return trouble.httpAt !== undefined && trouble.triedAt >= trouble.httpAt ? 'fall' : 'ask'
}

/** How the attempts went to get back to a better transport. */
export interface Climb {
  /** Tries in a row that came to nothing. */
  readonly misses: number
  /** Times in a row that a better transport carried the connection, and soon dropped it. */
  readonly drops: number
}

/** A better transport that is given up within this after a switch to it was no better. */
export const SOON_MS = 30_000

const FIRST_MS = 10_000
const EVERY_MS = 30_000
const DROP_MS = 60_000
const DROP_MAX_MS = 300_000

/** How long to wait before a better transport is tried again, in milliseconds, with a jitter of a fifth. */
export function climbDelay({ misses, drops }: Climb, random: () => number): number {
  const wait = Math.min(FIRST_MS * 2 ** misses, EVERY_MS)
  const penalty = drops > 0 ? Math.min(DROP_MS * 2 ** (drops - 1), DROP_MAX_MS) : 0
  return Math.round(Math.max(wait, penalty) * (0.8 + 0.2 * random()))
}
