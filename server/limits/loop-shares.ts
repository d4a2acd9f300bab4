/** How much of one turn of the event loop is for one key, and for all of them, in microseconds as {@link LoopShares.run} is told. */
export interface LoopRates {
  perKey: number
  inAll: number
}

interface Waiting {
  cost: number
  start: () => void
}

/**
 * Shares the turns of the event loop among those who want something. What one chunk of the network, or hundreds of connections at
 * once, ask for would otherwise all be done before anybody else is looked at. So work begins at once while whoever it is for has not
 * used up their share of this turn; beyond that it waits, in order, and those who wait take turns. Between two turns the network is
 * read, and whoever has little to ask is done with.
 *
 * Costs are nominal, not measured: what is done next does not depend on how busy the machine is.
 */
export class LoopShares {
  private used = new Map<string, number>()
  private total = 0
  private readonly queues = new Map<string, Waiting[]>()
  private scheduled = false

  /** @param nextTurn calls back in the next turn */
  constructor(private readonly rates: LoopRates, private readonly nextTurn: (turn: () => void) => void = turn => void setImmediate(turn)) {}

  /**
   * Begins work now or in a later turn. Work of one key begins in the order in which it was asked for.
   *
   * @param key for whom
   * @param cost microseconds it will take, about
   * @param start must not throw
   */
  run(key: string, cost: number, start: () => void): void {
    const queue = this.queues.get(key)
    if (queue) {
      queue.push({ cost, start })
      return
    }
    if (this.isSpent(key)) this.queues.set(key, [{ cost, start }])
    else this.begin(key, cost, start)
    this.schedule()
  }

  /** Whether something of a key waits for its turn. */
  isWaiting(key: string): boolean {
    return this.queues.has(key)
  }

  private isSpent(key: string): boolean {
    return this.total >= this.rates.inAll || (this.used.get(key) ?? 0) >= this.rates.perKey
  }

  private begin(key: string, cost: number, start: () => void): void {
    this.used.set(key, (this.used.get(key) ?? 0) + cost)
    this.total += cost
    start()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.nextTurn(() => this.turn())
  }

  private turn(): void {
    this.scheduled = false
    this.used = new Map()
    this.total = 0
    // Whoever had a turn goes behind those who had none.
    for (const [key, queue] of [...this.queues]) {
      if (this.total >= this.rates.inAll) break
      let done = 0
      while (done < queue.length && !this.isSpent(key)) {
        const { cost, start } = queue[done++]!
        this.begin(key, cost, start)
      }
      this.queues.delete(key)
      if (done < queue.length) this.queues.set(key, queue.slice(done))
    }
    if (this.queues.size > 0) this.schedule()
  }
}
