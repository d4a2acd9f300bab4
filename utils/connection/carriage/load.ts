/** A line that one tab reads for another, or for itself. */
export interface LoadedLine {
  readonly tab: string
  /** The newest frame that was handed to its tab. */
  after: number
  /** The newest frame its tab said that it has. */
  acked: number
  /** When its tab was last heard. */
  heardAt: number
}

/** What a line's reader asks the server for (TAB-2). */
export interface AskedLine { connection_id: string, after: number, acked: number, idle_ms: number }

/** The lines a carrier reads, by connection id. */
export class Load {
  private readonly lines = new Map<string, LoadedLine>()

  constructor(private readonly self: string, private readonly now: () => number) {}

  find(line: string): LoadedLine | undefined {
    return this.lines.get(line)
  }

  /** Notes that a tab wants a line read, or what it has of it. Returns whether the line is new. */
  put(line: string, tab: string, after: number): boolean {
    const known = this.lines.get(line)
    this.lines.set(line, known ?? { tab, after, acked: after, heardAt: 0 })
    const loaded = this.lines.get(line)!
    loaded.acked = Math.max(loaded.acked, after)
    loaded.heardAt = this.now()
    return known === undefined
  }

  remove(line: string): boolean {
    return this.lines.delete(line)
  }

  /** The lines of one tab. */
  of(tab: string): readonly string[] {
    return [...this.lines].filter(([, line]) => line.tab === tab).map(([id]) => id)
  }

  /** Whether other tabs' lines are among them. */
  hasOthers(): boolean {
    return [...this.lines.values()].some(({ tab }) => tab !== this.self)
  }

  all(): readonly (readonly [string, LoadedLine])[] {
    return [...this.lines]
  }

  clear(): void {
    this.lines.clear()
  }

  /** The lines as the server is asked for them. */
  asked(): readonly AskedLine[] {
    return [...this.lines].map(([connection_id, { tab, after, acked, heardAt }]) => ({
      connection_id, after, acked: Math.min(acked, after), idle_ms: tab === this.self ? 0 : Math.max(0, Math.round(this.now() - heardAt)),
    }))
  }
}
