/** One at a time, in the order they came. */
export class Turnstile {
  private taken = false
  private readonly waiting: (() => void)[] = []

  /** Resolves when it is one's turn; whoever takes it gives it back. */
  take(): Promise<void> | undefined {
    if (this.taken) return new Promise(resolve => this.waiting.push(resolve))
    this.taken = true
    return undefined
  }

  give(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.taken = false
  }
}
