import type { Socket } from 'node:net'

/** What a bad network does to one direction of a connection. */
export interface LineFaults {
  /** How long everything takes, in milliseconds. */
  delayMs: number
  /** Up to how much longer, at random; the order is kept, as TCP keeps it. */
  jitterMs: number
  /** How much goes through in a second; Infinity leaves it open. */
  bytesPerSecond: number
  /** Nothing goes through, not even the end. What waits goes on once this is over, as TCP sends lost packets again. */
  hole: boolean
  /** The connection ends when this many more bytes have gone through. */
  cutAfter: number
}

export interface FaultPipeOptions {
  source: Socket
  sink: Socket
  faults: () => LineFaults
  /** Looks at what arrives before it is passed on; undefined takes it away. */
  inspect?: (bytes: Buffer) => Buffer | undefined
  /** The source is gone without having said goodbye. */
  onBroken: () => void
  /** Exactly `cutAfter` bytes went through, and the sink has got them. */
  onCut: () => void
  /** Source of randomness in [0, 1). */
  random: () => number
}

interface Chunk { bytes: Buffer, at: number, jitter: number }

/** What may wait in one direction; a source that has more is not read. */
const BUFFER_BYTES = 256 * 1024
/** A throttled line sends this part of a second's worth at a time. */
const SLICES_PER_SECOND = 50

/** One direction of a connection: takes bytes from a source and gives them to a sink as a bad network would. */
export class FaultPipe {
  private readonly queue: Chunk[] = []
  private queuedBytes = 0
  private passed = 0
  private freeAt = 0
  private timer?: NodeJS.Timeout
  private state: 'open' | 'ended' | 'broken' = 'open'
  private waitsForSink = false
  private done = false

  constructor(private readonly options: FaultPipeOptions) {
    const { source, sink } = options
    source.on('data', (bytes: Buffer) => this.take(bytes))
    source.on('end', () => this.sourceIs('ended'))
    source.on('error', () => this.sourceIs('broken'))
    source.on('close', () => this.sourceIs('broken'))
    sink.on('drain', () => {
      this.waitsForSink = false
      this.pump()
    })
  }

  /** The faults changed: goes on by the new ones. */
  changed(cutAnew: boolean): void {
    if (cutAnew) this.passed = 0
    this.pump()
  }

  /** Passes nothing on any more. */
  stop(): void {
    this.done = true
    clearTimeout(this.timer)
    this.queue.length = 0
  }

  private take(bytes: Buffer): void {
    const kept = this.options.inspect ? this.options.inspect(bytes) : bytes
    if (this.done || !kept) return
    this.queue.push({ bytes: kept, at: performance.now(), jitter: this.options.random() })
    this.queuedBytes += kept.length
    this.pump()
  }

  private sourceIs(state: 'ended' | 'broken'): void {
    if (this.state === 'open') this.state = state
    this.pump()
  }

  private pump(): void {
    if (this.done) return
    clearTimeout(this.timer)
    const faults = this.options.faults()
    if (faults.hole || this.queuedBytes >= BUFFER_BYTES) this.options.source.pause()
    else this.options.source.resume()
    if (faults.hole || this.waitsForSink) return
    if (this.state === 'broken') return this.options.onBroken()
    for (let head = this.queue[0]; head && !this.waitsForSink; head = this.queue[0]) {
      const now = performance.now()
      const wait = Math.max(head.at + faults.delayMs + head.jitter * faults.jitterMs, this.freeAt) - now
      if (wait > 0) {
        this.timer = setTimeout(() => this.pump(), wait)
        return
      }
      if (this.send(head, faults, now)) return
    }
    if (this.queue.length === 0 && this.state === 'ended') this.end()
  }

  /** Sends what may go now of the oldest chunk. Returns whether that was the last. */
  private send(head: Chunk, faults: LineFaults, now: number): boolean {
    const slice = Number.isFinite(faults.bytesPerSecond) ? Math.max(1, Math.floor(faults.bytesPerSecond / SLICES_PER_SECOND)) : head.bytes.length
    const bytes = head.bytes.subarray(0, Math.min(slice, faults.cutAfter - this.passed))
    head.bytes = head.bytes.subarray(bytes.length)
    if (head.bytes.length === 0) this.queue.shift()
    this.queuedBytes -= bytes.length
    this.passed += bytes.length
    this.freeAt = Math.max(now, this.freeAt) + bytes.length / faults.bytesPerSecond * 1000
    if (this.passed >= faults.cutAfter) {
      this.stop()
      this.options.sink.end(bytes, this.options.onCut)
      return true
    }
    this.waitsForSink = !this.options.sink.write(bytes)
    if (this.queuedBytes < BUFFER_BYTES) this.options.source.resume()
    return false
  }

  private end(): void {
    this.stop()
    this.options.sink.end()
  }
}
