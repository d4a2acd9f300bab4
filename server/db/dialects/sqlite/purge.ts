import type { Lane } from './lane'

/** Between two checkpoints that were asked for: each syncs twice, and everybody waits meanwhile. */
const APART_MS = 200
/** Until the next try, where another program still reads the log. */
const RETRY_MS = { first: 250, most: 30_000 }

/** Empties the write-ahead log into the main file, so that an erased text is in neither. */
export class Purge {
  private last = -Infinity
  private timer?: NodeJS.Timeout
  private retryMs = RETRY_MS.first
  private closed = false
  private readonly waiting: (() => void)[] = []

  constructor(private readonly lane: Lane) {}

  /** Resolves when it was tried, or another program has been in the way for a moment. Never fails: it is tried again until it succeeds. */
  ask(): Promise<void> {
    if (this.closed) return Promise.resolve()
    const since = performance.now() - this.last
    if (!this.timer && since >= APART_MS) return this.run()
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.later(APART_MS - since)
      setTimeout(resolve, APART_MS).unref()
    })
  }

  /** Resolves when what was asked for was tried. */
  async drained(): Promise<void> {
    if (!this.timer) return
    clearTimeout(this.timer)
    this.timer = undefined
    await this.run()
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.timer = undefined
    for (const resolve of this.waiting.splice(0)) resolve()
  }

  private async run(): Promise<void> {
    const told = this.waiting.splice(0)
    await this.try()
    for (const resolve of told) resolve()
  }

  private async try(): Promise<void> {
    if (this.closed) return
    const done = await this.lane.between((sqlite) => {
      if (!sqlite.open) return true
      this.last = performance.now()
      return (sqlite.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[])[0]?.busy === 0
    }).catch(() => false)
    this.retryMs = done ? RETRY_MS.first : Math.min(RETRY_MS.most, this.retryMs * 2)
    if (!done) this.later(this.retryMs)
  }

  private later(ms: number): void {
    if (this.closed || this.timer) return
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.run()
    }, ms)
    this.timer.unref()
  }
}
