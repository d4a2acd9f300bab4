import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import { reportViolation } from './contract'
import { PostedWire } from './posted-wire'
import type { Receive } from './wire'

/** A stream of events, read by fetch, as a wire of the test client. */
export class SseWire extends PostedWire {
  /** What `retry:` told (CON-7). */
  readonly retries: number[] = []
  /** How many comment lines came. */
  comments = 0
  private hasFrame!: () => void
  private readonly greeted = new Promise<void>(resolve => this.hasFrame = resolve)

  /** Opens a stream and waits for its first frame. @throws Refused when the answer is no stream */
  static async open(url: string, query: URLSearchParams, headers: Record<string, string>, receive: Receive): Promise<SseWire> {
    const wire = new SseWire(url, headers, receive)
    const response = await wire.ask('GET', `stream?${query}`, { signal: wire.gone.signal })
    void wire.read(response).finally(() => wire.ended({ code: 1006, reason: 'the stream ended' }))
    await Promise.race([wire.greeted, wire.closed])
    return wire
  }

  close(): void {
    this.ended({ code: 1000, reason: '' })
  }

  private async read(response: Response): Promise<void> {
    const parser = createParser({
      onEvent: event => this.takeEvent(event),
      onRetry: ms => this.retries.push(ms),
      onComment: () => this.comments++,
    })
    const decoder = new TextDecoder()
    const reader = response.body?.getReader()
    while (reader && this.isOpen) {
      await this.reading()
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
    }
  }

  private takeEvent({ event, id, data }: EventSourceMessage): void {
    const { type, seq } = JSON.parse(data) as { type?: string, seq?: number }
    if (event !== type) reportViolation(`an event called ${event} that is a ${type} (FRM-2)`)
    if (id !== undefined && id !== String(seq)) reportViolation(`an event with the id ${id} and the seq ${seq} (FRM-2)`)
    this.take(data)
    this.hasFrame()
  }
}
