import type { ServerResponse } from 'node:http'
import { LIMITS } from '#shared/protocol/limits'
import type { FoundLines, LineFrames, ReadLine } from './bundle'
import type { LineReader } from './polling'
import { STREAM_HEADERS } from './sse'

/** What may wait in the stream itself; the rest waits in its line, which knows its bounds (BP-1). */
const AHEAD_BYTES = 256 * 1024
/** Closes a stream nobody names lines for any more: its reader is gone. */
const UNUSED_MS = LIMITS.unpolledMs

interface Carried {
  readonly transport: LineFrames
  readonly reader: LineReader
  /** The newest frame that was written. */
  sent: number
}

/** One response that carries the frames of many lines (TAB-3). Each stays in its line until the tab itself has it. */
export class BundleStream {
  private readonly carried = new Map<string, Carried>()
  private readonly beating: ReturnType<typeof setInterval>
  private usedAt = performance.now()
  private turn: Promise<unknown> = Promise.resolve()
  private isClosed = false

  /**
   * @param id what requests name it by
   * @param userId who reads it
   * @param onClosed told of the lines it carried at its end
   */
  constructor(readonly id: string, readonly userId: string, private readonly response: ServerResponse, private readonly onClosed: (left: readonly string[]) => void) {
    response.removeHeader('Transfer-Encoding')
    response.writeHead(200, STREAM_HEADERS)
    response.on('error', () => undefined)
    response.on('drain', () => this.pumpAll())
    response.once('close', () => this.close())
    response.write(`event: stream\ndata: ${JSON.stringify({ stream_id: id })}\n\n`)
    this.beating = setInterval(() => this.beat(), LIMITS.streamCommentMs)
    this.beating.unref()
  }

  /** Carries these lines from now on, and no others. What is carried already goes on where it is. */
  carry({ lines }: Pick<FoundLines, 'lines'>): void {
    if (this.isClosed) return
    this.usedAt = performance.now()
    const named = new Set(lines.map(({ connectionId }) => connectionId))
    for (const id of this.carried.keys()) {
      if (!named.has(id)) this.leave(id)
    }
    for (const line of lines) {
      if (this.carried.get(line.connectionId)?.transport !== line.transport) this.take(line)
    }
  }

  /** Does what is asked of this stream in the order it was asked. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.turn.then(task)
    this.turn = done.catch(() => undefined)
    return done
  }

  /** What a line that is carried is read from. */
  transportOf(id: string): LineFrames | undefined {
    return this.carried.get(id)?.transport
  }

  /** Ends the response. */
  end(): void {
    this.close()
    this.response.end()
  }

  private take({ connectionId, transport, after }: ReadLine): void {
    const reader: LineReader = { arrived: () => this.pump(connectionId), replaced: () => this.carried.delete(connectionId) }
    this.carried.set(connectionId, { transport, reader, sent: after })
    transport.attach(reader)
    this.pump(connectionId)
  }

  private leave(id: string): void {
    const line = this.carried.get(id)
    this.carried.delete(id)
    line?.transport.detach(line.reader)
  }

  private pump(id: string): void {
    const line = this.carried.get(id)
    if (!line) return
    while (this.response.writableLength < AHEAD_BYTES && !this.response.destroyed) {
      const frames = line.transport.following(line.sent, LIMITS.conflateBytes)
      if (frames.length === 0) return
      this.response.write(frames.map(({ n, json }) => `event: frame\ndata: {"connection_id":${JSON.stringify(id)},"n":${n},"frame":${json}}\n\n`).join(''))
      line.sent = frames.at(-1)?.n ?? line.sent
      line.transport.gave(line.sent)
    }
  }

  private pumpAll(): void {
    for (const id of this.carried.keys()) this.pump(id)
  }

  private beat(): void {
    if (performance.now() - this.usedAt >= UNUSED_MS) this.response.destroy()
    else this.response.write(':\n\n')
  }

  private close(): void {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.beating)
    const left = [...this.carried.keys()]
    for (const id of left) this.leave(id)
    this.onClosed(left)
  }
}
