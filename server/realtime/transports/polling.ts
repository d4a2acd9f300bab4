import { LIMITS } from '#shared/protocol/limits'
import type { OutgoingFrame as Frame } from '../outgoing'
import { OutgoingFrame } from '../outgoing'
import { ProtocolError } from '#shared/protocol/errors'
import { Gate } from './posted'
import type { PostedTransport } from './posted'

/** A frame that waits until its client says that it has it. */
export interface HeldFrame {
  /** The frame's number on this connection: 1, 2, 3 … */
  readonly n: number
  readonly json: string
  readonly bytes: number
}

/** Who fetches a connection's frames now: one poll, one read of many lines, or one stream. */
export interface LineReader {
  /** There is something to fetch, or the connection has ended. */
  arrived: () => void
  /** Another one reads from now on. */
  replaced: () => void
}

/** What one poll brings: frames as JSON, and the number to acknowledge them with. */
export interface Polled {
  frames: readonly string[]
  next: number
}

/** Frames kept for a client that fetches them: each is given again until the client says that it has it (POL-1). */
export class PollingTransport implements PostedTransport {
  readonly isFetched = true
  readonly stalledMs = LIMITS.unpolledMs
  bufferedBytes = 0
  /** True once the last frame is in and nothing follows. */
  ended = false
  /** Resolves when an answer has brought the last frame there will ever be. */
  readonly goodbyeGiven: Promise<void>
  /** Called once, when it ends. */
  onClosed?: () => void
  private held: HeldFrame[] = []
  private last = 0
  private acknowledged = 0
  private reader?: LineReader
  private readAt = Number.NEGATIVE_INFINITY
  private gaveGoodbye = (): void => undefined
  private readonly gate = new Gate()

  /** @param kind what its client calls it: frames that are fetched may come by answers or by a stream (TAB-2, TAB-3) */
  constructor(readonly kind: PostedTransport['kind'] = 'polling') {
    this.goodbyeGiven = new Promise(resolve => this.gaveGoodbye = resolve)
  }

  write(frames: readonly Frame[]): number {
    if (this.ended) return 0
    let written = 0
    for (const { json } of frames) {
      const bytes = Buffer.byteLength(json)
      this.held.push({ n: ++this.last, json, bytes })
      written += bytes
    }
    this.bufferedBytes += written
    this.reader?.arrived()
    return written
  }

  close(code: number, reason: string): void {
    if (this.ended) return
    // Its client has fallen far behind, and will catch up by a new one: what would only take memory is dropped.
    if (this.bufferedBytes > LIMITS.pollBytes) this.forget()
    this.write([new OutgoingFrame({ type: 'connection.closed', code, reason })])
    this.ended = true
    this.pause(false)
    this.onClosed?.()
  }

  pause(paused: boolean): void {
    this.gate.pause(paused && !this.ended)
  }

  reading(): Promise<void> {
    return this.gate.passed()
  }

  /** Whether the client has all there will ever be. */
  get exhausted(): boolean {
    return this.ended && this.held.length === 0
  }

  /** Whether anybody waits for its frames now, or is about to ask again. */
  get isRead(): boolean {
    return this.reader !== undefined || performance.now() - this.readAt < BETWEEN_READS_MS
  }

  /** Gives the first frames without numbering them: the answer that opened the connection has brought them. */
  takeGreeting(): string[] {
    const jsons = this.held.map(({ json }) => json)
    this.forget()
    this.last = 0
    return jsons
  }

  /**
   * Forgets the frames up to `after`, and gives those that follow as soon as there is one. A newer poll answers this one.
   *
   * @param waitMs how long to wait for a frame
   * @param gone aborts when the client has gone away
   * @throws ProtocolError `conflict` for an `after` that was never given, or was acknowledged long ago
   */
  async poll(after: number, waitMs: number, gone: AbortSignal): Promise<Polled> {
    if (after > this.last) throw new ProtocolError('conflict', 'after: no such frame was sent')
    if (after < this.acknowledged) throw new ProtocolError('conflict', 'after: these frames were acknowledged already')
    this.attach(NOBODY)
    this.drop(after)
    if (this.held.length === 0 && waitMs > 0 && !this.ended && !gone.aborted) {
      await waitFor(waitMs, gone, (reader) => {
        this.attach(reader)
        return () => this.detach(reader)
      })
    }
    const frames = this.following(after, LIMITS.pollBytes)
    const next = frames.at(-1)?.n ?? after
    if (!gone.aborted) this.gave(next)
    return { frames: frames.map(({ json }) => json), next }
  }

  /**
   * Forgets what the client has, as one says who fetches for several: late, so an earlier number than before is no news.
   *
   * @returns after which frame to go on
   * @throws ProtocolError `conflict` for a number that was never given
   */
  resume(after: number, acked: number): number {
    if (after > this.last || acked > after) throw new ProtocolError('conflict', 'after: no such frame was sent')
    if (acked > this.acknowledged) this.drop(acked)
    return Math.max(after, this.acknowledged)
  }

  /** The frames after a number, as many as one answer takes: one at least, whatever its size. */
  following(after: number, maxBytes: number): readonly HeldFrame[] {
    let bytes = 0
    const frames: HeldFrame[] = []
    for (const frame of this.held) {
      if (frame.n <= after) continue
      bytes += frame.bytes
      if (frames.length > 0 && bytes > maxBytes) break
      frames.push(frame)
    }
    return frames
  }

  /** Notes that all up to a number is on its way. */
  gave(next: number): void {
    if (this.ended && next === this.last) this.gaveGoodbye()
  }

  /** Makes somebody the one who is told of frames; whoever it was before is told that it is not any more. */
  attach(reader: LineReader): void {
    const before = this.reader
    this.reader = reader
    this.readAt = performance.now()
    if (before !== reader) before?.replaced()
  }

  /** Forgets a reader, if it still is the one. */
  detach(reader: LineReader): void {
    if (this.reader !== reader) return
    this.reader = undefined
    this.readAt = performance.now()
  }

  private forget(): void {
    this.held = []
    this.bufferedBytes = 0
  }

  private drop(after: number): void {
    this.acknowledged = after
    const first = this.held.findIndex(({ n }) => n > after)
    const done = this.held.splice(0, first === -1 ? this.held.length : first)
    for (const { bytes } of done) this.bufferedBytes -= bytes
  }
}

/** How long whoever reads from another node may be between two questions. */
const BETWEEN_READS_MS = 2_000

const NOBODY: LineReader = { arrived: () => undefined, replaced: () => undefined }

/**
 * Waits for a frame.
 *
 * @param begin gives the reader to what is waited for, and returns how to take it back
 * @returns when there is something, when another one reads, or when the time is over or the client gone
 */
export function waitFor(waitMs: number, gone: AbortSignal, begin: (reader: LineReader) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      gone.removeEventListener('abort', done)
      end()
      resolve()
    }
    const timer = setTimeout(done, waitMs)
    gone.addEventListener('abort', done)
    const end = begin({ arrived: done, replaced: done })
  })
}
