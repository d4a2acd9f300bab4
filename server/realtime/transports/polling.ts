import { LIMITS } from '#shared/protocol/limits'
import type { OutgoingFrame as Frame } from '../outgoing'
import { OutgoingFrame } from '../outgoing'
import { ProtocolError } from '#shared/protocol/errors'
import { Gate } from './posted'
import type { PostedTransport } from './posted'

interface Held {
  /** The frame's number on this connection: 1, 2, 3 … */
  n: number
  json: string
  bytes: number
}

/** What one poll brings: frames as JSON, and the number to acknowledge them with. */
export interface Polled {
  frames: readonly string[]
  next: number
}

/** Frames kept for a client that fetches them: each is given again until the client says that it has it (POL-1). */
export class PollingTransport implements PostedTransport {
  readonly kind = 'polling'
  readonly stalledMs = LIMITS.unpolledMs
  bufferedBytes = 0
  /** True once the last frame is in and nothing follows. */
  ended = false
  /** Resolves when an answer has brought the last frame there will ever be. */
  readonly goodbyeGiven: Promise<void>
  /** Called once, when it ends. */
  onClosed?: () => void
  private held: Held[] = []
  private last = 0
  private acknowledged = 0
  private wake?: () => void
  private gaveGoodbye = (): void => undefined
  private readonly gate = new Gate()

  constructor() {
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
    this.wake?.()
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
    this.wake?.()
    this.acknowledge(after)
    if (this.held.length === 0 && waitMs > 0 && !this.ended && !gone.aborted) await this.arrival(waitMs, gone)
    const frames = firstBytes(this.held.filter(({ n }) => n > after))
    const next = frames.at(-1)?.n ?? after
    if (this.ended && next === this.last && !gone.aborted) this.gaveGoodbye()
    return { frames: frames.map(({ json }) => json), next }
  }

  private forget(): void {
    this.held = []
    this.bufferedBytes = 0
  }

  private acknowledge(after: number): void {
    this.acknowledged = after
    const first = this.held.findIndex(({ n }) => n > after)
    const done = this.held.splice(0, first === -1 ? this.held.length : first)
    for (const { bytes } of done) this.bufferedBytes -= bytes
  }

  private arrival(waitMs: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        gone.removeEventListener('abort', done)
        if (this.wake === done) this.wake = undefined
        resolve()
      }
      const timer = setTimeout(done, waitMs)
      gone.addEventListener('abort', done)
      this.wake = done
    })
  }
}

/** As many frames as one answer takes: one at least, whatever its size. */
function firstBytes(held: readonly Held[]): readonly Held[] {
  let bytes = 0
  const end = held.findIndex(frame => (bytes += frame.bytes) > LIMITS.pollBytes)
  return end === -1 ? held : held.slice(0, Math.max(1, end))
}
