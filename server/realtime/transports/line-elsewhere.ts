import type { HeldFrame, LineReader } from './polling'
import type { LineFrames } from './bundle'

/** How long one question waits for a frame. */
const WAIT_MS = 20_000
/** When a question that could not be asked is asked again. */
const RETRY_MS = 1_000

/** What a node that holds a line gives of it: frames in order, or that somebody else reads it now. */
export interface Pulled {
  frames: readonly { n: number, json: string }[]
  replaced: boolean
}

/**
 * A line that another node holds, as a stream of this one reads it: a stretch at a time, and the next when that is written. What is read
 * stays where it is until the tab itself has it, so nothing is lost with either node.
 */
export class LineElsewhere implements LineFrames {
  private held: HeldFrame[] = []
  private reader?: LineReader
  private pulling?: AbortController

  /**
   * @param last the newest frame its tab has
   * @param pull asks for the frames after one. Rejects with `isOver` where there is no such line
   */
  constructor(private last: number, private readonly pull: (after: number, waitMs: number, gone: AbortSignal) => Promise<Pulled>, private readonly isOver: (error: unknown) => boolean) {}

  attach(reader: LineReader): void {
    this.reader = reader
    this.next()
  }

  detach(reader: LineReader): void {
    if (this.reader !== reader) return
    this.reader = undefined
    this.pulling?.abort()
    this.pulling = undefined
  }

  following(after: number, maxBytes: number): readonly HeldFrame[] {
    this.held = this.held.filter(({ n }) => n > after)
    if (this.held.length === 0) this.next()
    let bytes = 0
    return this.held.filter((frame, i) => (bytes += frame.bytes) <= maxBytes || i === 0)
  }

  gave(): void {
    // Its own node knows what it gave.
  }

  private next(): void {
    if (this.pulling || !this.reader || this.held.length > 0) return
    const gone = new AbortController()
    this.pulling = gone
    this.pull(this.last, WAIT_MS, gone.signal).then(
      ({ frames, replaced }) => {
        if (gone.signal.aborted) return
        this.pulling = undefined
        this.held = frames.map(({ n, json }) => ({ n, json, bytes: Buffer.byteLength(json) }))
        this.last = frames.at(-1)?.n ?? this.last
        if (replaced) this.giveUp()
        else if (frames.length > 0) this.reader?.arrived()
        else this.next()
      },
      (error: unknown) => {
        if (gone.signal.aborted) return
        if (this.isOver(error)) {
          this.pulling = undefined
          return this.giveUp()
        }
        setTimeout(() => {
          if (gone.signal.aborted) return
          this.pulling = undefined
          this.next()
        }, RETRY_MS).unref()
      },
    )
  }

  /** Its tab finds out by what it names next. */
  private giveUp(): void {
    const { reader } = this
    this.reader = undefined
    reader?.replaced()
  }
}
