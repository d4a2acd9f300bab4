/** What is to stop when somebody signs out: answers that go on beside their connections. */
export class SessionEnds {
  private readonly waiting = new Map<string, Set<() => void>>()

  /**
   * @param stop called once, when the session ends
   * @returns takes it back
   */
  on(sid: string, stop: () => void): () => void {
    const stops = this.waiting.get(sid) ?? new Set()
    stops.add(stop)
    this.waiting.set(sid, stops)
    return () => {
      stops.delete(stop)
      if (stops.size === 0 && this.waiting.get(sid) === stops) this.waiting.delete(sid)
    }
  }

  ended(sid: string): void {
    const stops = this.waiting.get(sid)
    this.waiting.delete(sid)
    for (const stop of stops ?? []) stop()
  }
}
