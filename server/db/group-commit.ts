interface Waiting<T> {
  item: T
  resolve: () => void
  reject: (error: unknown) => void
}

/**
 * Writes what comes in one tick, and while the disk was busy, at once: a sync to disk for each of fifty small things would
 * keep the event loop from everything else.
 */
export class GroupCommit<T> {
  private waiting: Waiting<T>[] = []
  private writing?: Promise<void>

  /** @param write puts several on disk, in their order, in one transaction */
  constructor(private readonly write: (items: T[]) => Promise<unknown>) {}

  /** Resolves when it is on disk. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject })
      this.writing ??= this.writeAll()
    })
  }

  /** Waits until everything added so far is on disk, or was refused. */
  async drained(): Promise<void> {
    while (this.writing) await this.writing
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      await new Promise(resolve => setImmediate(resolve))
      const batch = this.waiting
      this.waiting = []
      await this.write(batch.map(({ item }) => item)).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
    }
    this.writing = undefined
  }
}
