import { ProtocolError } from '#shared/protocol/errors'

export interface PageQueueOptions {
  /** Pages that may wait, all together and of one address. */
  waiting: number
  perAddress: number
  /** Milliseconds after which a page no longer holds up the next one, whatever became of it. */
  longestMs: number
}

interface Waiting {
  address: string
  start: () => void
}

/**
 * Rendering a page takes tens of milliseconds in which nobody's message moves. So pages are rendered one at a time, with as long a
 * pause after each as it took: whoever asks for how many, chat has half of the time and waits for one page at most. Addresses take
 * turns; what would have to wait for too long is refused instead.
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
   * @throws ProtocolError `unavailable`
   */
  async run(address: string, gone: () => boolean, render: () => Promise<void>): Promise<void> {
    const own = this.counts.get(address) ?? 0
    if (this.queue.length >= this.options.waiting || own >= this.options.perAddress) throw new ProtocolError('unavailable', 'too many pages at once', { retryAfterMs: 2000 })
    this.counts.set(address, own + 1)
    try {
      if (this.busy) await new Promise<void>(start => this.queue.push({ address, start }))
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
      const left = (this.counts.get(address) ?? 1) - 1
      if (left > 0) this.counts.set(address, left)
      else this.counts.delete(address)
    }
  }

  private next(pauseMs: number): void {
    const go = (): void => {
      // Somebody else's page first, where there is one.
      const other = this.queue.findIndex(({ address }) => address !== this.last)
      const [turn] = this.queue.splice(Math.max(other, 0), 1)
      this.last = turn?.address
      if (turn) turn.start()
      else this.busy = false
    }
    if (pauseMs === 0) go()
    else setTimeout(go, pauseMs)
  }
}
