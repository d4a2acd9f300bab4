import { LOOP } from '../../../limits/rounds'
import type { Rounds } from '../../../limits/rounds'

/** How long one after the other may have their turns before the event loop goes round, in milliseconds. */
const ROUND_MS = 4

/**
 * One at a time, in the order they came. What is done in a turn may be over without ever having waited, and the next one's as well: a
 * hundred small transactions would be one long piece of work. So once the turns of a round of the event loop took too long, whoever
 * is next waits for the next round, and the network is looked at in between.
 */
export class Turnstile {
  private taken = false
  private began?: number
  private readonly waiting: (() => void)[] = []

  constructor(private readonly rounds: Rounds = LOOP) {}

  /** Resolves when it is one's turn; whoever takes it gives it back. */
  take(): Promise<void> | undefined {
    if (this.taken) return new Promise(resolve => this.waiting.push(resolve))
    this.taken = true
    return this.isLong() ? new Promise(resolve => this.later(resolve)) : undefined
  }

  give(): void {
    const next = this.waiting.shift()
    if (!next) this.taken = false
    else if (this.isLong()) this.later(next)
    else next()
  }

  /** Whether the turns of this round took long enough. The first one begins the round. */
  private isLong(): boolean {
    if (this.began !== undefined) return this.rounds.now() - this.began >= ROUND_MS
    this.begin()
    return false
  }

  private later(start: () => void): void {
    this.rounds.next(() => {
      this.begin()
      start()
    })
  }

  private begin(): void {
    const began = this.began = this.rounds.now()
    this.rounds.next(() => {
      if (this.began === began) this.began = undefined
    })
  }
}
