import { PostedWire } from './posted-wire'
import { Refused } from './wire'
import type { Receive } from './wire'

/** What one poll brings (POL-1). */
interface Polled {
  frames: unknown[]
  next: number
}

const WAIT_MS = 25_000

/** A client that polls, one poll after the other, and acknowledges what it got by the next one. */
export class PollingWire extends PostedWire {
  private poll?: AbortController

  /** Opens a polling connection and takes its greeting. @throws Refused when the answer is no connection */
  static async open(url: string, query: URLSearchParams, headers: Record<string, string>, receive: Receive): Promise<PollingWire> {
    const wire = new PollingWire(url, headers, receive)
    const { connection_id, frames, next } = await (await wire.ask('POST', `poll?${query}`)).json() as Polled & { connection_id: string }
    wire.connectionId = connection_id
    for (const frame of frames) wire.take(JSON.stringify(frame))
    void wire.read(next)
    return wire
  }

  override pause(paused: boolean): void {
    super.pause(paused)
    if (paused) this.poll?.abort()
  }

  close(): void {
    if (this.isOpen) void this.ask('DELETE', `poll?connection_id=${this.connectionId}`).catch(() => undefined)
    this.ended({ code: 1000, reason: '' })
  }

  private async read(after: number): Promise<void> {
    let next = after
    while (this.isOpen) {
      await this.reading()
      if (!this.isOpen) return
      const polled = await this.fetch(next)
      // A poll that was given up is asked again with the same number: nothing of it counts as read.
      if (!polled) continue
      next = polled.next
      for (const frame of polled.frames) this.take(JSON.stringify(frame))
    }
  }

  private async fetch(after: number): Promise<Polled | undefined> {
    const poll = new AbortController()
    this.poll = poll
    try {
      const response = await this.ask('GET', `poll?connection_id=${this.connectionId}&after=${after}&wait_ms=${WAIT_MS}`, { signal: AbortSignal.any([poll.signal, this.gone.signal]) })
      return await response.json() as Polled
    } catch (error) {
      if (!poll.signal.aborted) this.ended({ code: 1006, reason: error instanceof Refused ? `a poll was answered with ${error.status}` : 'a poll failed' })
      return undefined
    }
  }
}
