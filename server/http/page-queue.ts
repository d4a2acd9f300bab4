import { ProtocolError } from '#shared/protocol/errors'

export interface PageQueueOptions {
  /** Pages that may wait in all. */
  waiting: number
  /** Of an address, from those it is not known who they are. Behind it may be a school, all of whom come at once: */
  perAddress: number
  /** of one person, */
  perPerson?: number
  /** and of an address in all. */
  perNetwork?: number
  /** Milliseconds after which a page no longer holds up the next one, whatever became of it. */
  longestMs: number
}

interface Waiting {
  asker: string
  start: () => void
}

/**
 * Rendering a page takes tens of milliseconds in which nobody's message moves. So pages are rendered one at a time, with as long a
 * pause after each as it took: whoever asks for how many, chat has half of the time and waits for one page at most. Those who ask
 * take turns; what would have to wait for too long is refused instead.
 */
export class PageQueue {
  private readonly queue: Waiting[] = []
  private readonly counts = new Map<string, number>()
  private busy = false
  private last?: string

  constructor(private readonly options: PageQueueOptions) {}

  /**
   * Renders when it is this page's turn.
   *
   * @param gone whether its reader has left meanwhile: then it is not rendered
   * @param person who asks, where that is known: then they are counted, and not their address alone
   * @throws ProtocolError `unavailable`
   */
  async run(address: string, gone: () => boolean, render: () => Promise<void>, person?: string): Promise<void> {
    const { waiting, perAddress, perPerson = perAddress, perNetwork = waiting } = this.options
    const asker = person === undefined ? `at ${address}` : `as ${person}`
    const all = `all at ${address}`
    const isFull = this.count(asker) >= (person === undefined ? perAddress : perPerson) || this.count(all) >= perNetwork
    if (this.queue.length >= waiting || isFull) throw new ProtocolError('unavailable', 'too many pages at once', { retryAfterMs: 2000 })
    for (const key of [asker, all]) this.counts.set(key, this.count(key) + 1)
    try {
      if (this.busy) await new Promise<void>(start => this.queue.push({ asker, start }))
      this.busy = true
      if (gone()) return this.next(0)
      const began = performance.now()
      let passed = false
      const pass = (): void => {
        if (passed) return
        passed = true
        clearTimeout(timer)
        this.next(Math.min(performance.now() - began, this.options.longestMs))
      }
      const timer = setTimeout(pass, this.options.longestMs)
      await render().finally(pass)
    } finally {
      for (const key of [asker, all]) {
        const left = this.count(key) - 1
        if (left > 0) this.counts.set(key, left)
        else this.counts.delete(key)
      }
    }
  }

  private count(key: string): number {
    return this.counts.get(key) ?? 0
  }

  private next(pauseMs: number): void {
    const go = (): void => {
      // Somebody else's page first, where there is one.
      const other = this.queue.findIndex(({ asker }) => asker !== this.last)
      const [turn] = this.queue.splice(Math.max(other, 0), 1)
      this.last = turn?.asker
      if (turn) turn.start()
      else this.busy = false
    }
    if (pauseMs === 0) go()
    else setTimeout(go, pauseMs)
  }
}
