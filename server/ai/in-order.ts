/** Work on several things at once, on each of them one piece after the other. */
export class InOrder {
  private readonly last = new Map<string, Promise<unknown>>()

  /** Does a piece once those before it of the same key are done, or have failed. */
  run(key: string, work: () => Promise<void>): Promise<void> {
    const done = (this.last.get(key) ?? Promise.resolve()).then(work)
    const settled = done.catch(() => undefined).then(() => {
      if (this.last.get(key) === settled) this.last.delete(key)
    })
    this.last.set(key, settled)
    return done
  }
}
