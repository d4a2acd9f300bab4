import { LOOP } from './rounds'
import type { Rounds } from './rounds'

/**
 * Lets long pieces of work begin one in each round of the event loop, in order: what takes ten milliseconds or more and cannot be cut,
 * as the parsing of a long text. Several of them at once would be one piece as long as all together.
 */
export class LongPieces {
  private readonly waiting: (() => void)[] = []
  private isTaken = false

  constructor(private readonly rounds: Rounds = LOOP) {}

  /** Resolves when one may begin; what is to be done is done right then. */
  turn(): Promise<void> | undefined {
    if (this.isTaken) return new Promise(begin => this.waiting.push(begin))
    this.isTaken = true
    this.rounds.next(() => this.round())
    return undefined
  }

  private round(): void {
    const begin = this.waiting.shift()
    this.isTaken = begin !== undefined
    if (!begin) return
    this.rounds.next(() => this.round())
    begin()
  }
}

/** Those of this process. */
export const longPieces = new LongPieces()
