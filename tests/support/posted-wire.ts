import { LIMITS } from '#shared/protocol/limits'
import { readServerFrame } from './contract'
import type { Ending, Receive, Wire } from './wire'
import { Refused } from './wire'

/** Bytes of one request's frames, well within what the server reads. */
const BATCH_BYTES = 1024 * 1024

/** What the streams and polls of one client have in common: its own frames go out by requests, one after the other (SSE-3). */
export abstract class PostedWire implements Wire {
  readonly closed: Promise<Ending>
  protected readonly gone = new AbortController()
  protected connectionId?: string
  private end!: (ending: Ending) => void
  private open = true
  private queue: string[] = []
  private posting?: Promise<void>
  private gate = Promise.resolve()
  private openGate = (): void => undefined

  /** @param url of the server @param headers of every request: who one is, and where from */
  constructor(protected readonly url: string, protected readonly headers: Record<string, string>, private readonly receive: Receive) {
    this.closed = new Promise(resolve => this.end = resolve)
  }

  get isOpen(): boolean {
    return this.open
  }

  send(text: string): void {
    if (!this.open) return
    this.queue.push(text)
    this.posting ??= this.post().finally(() => this.posting = undefined)
  }

  async settled(): Promise<void> {
    await this.posting
  }

  signIn(token: string): void {
    this.headers.authorization = `Bearer ${token}`
  }

  pause(paused: boolean): void {
    this.openGate()
    if (paused) this.gate = new Promise(resolve => this.openGate = resolve)
  }

  cut(): void {
    this.ended({ code: 1006, reason: 'cut' })
  }

  abstract close(): void

  /** Resolves when the client may read on. */
  protected reading(): Promise<void> {
    return this.gate
  }

  /** Takes a frame of the server, given by its JSON text. */
  protected take(text: string): void {
    const frame = readServerFrame(text)
    if (!frame) return
    if (frame.type === 'connection.established') this.connectionId = frame.connection_id
    this.receive(frame)
    if (frame.type === 'connection.closed') this.ended(frame)
  }

  protected ended({ code, reason }: Ending): void {
    if (!this.open) return
    this.open = false
    this.end({ code, reason })
    this.gone.abort()
    this.openGate()
  }

  /** Asks a route of the chat. @throws Refused when the answer is no success */
  protected async ask(method: string, path: string, init: { body?: string, signal?: AbortSignal } = {}): Promise<Response> {
    const response = await fetch(`${this.url}/api/chat/${path}`, { method, ...init, headers: { 'content-type': 'application/json', ...this.headers } })
    if (!response.ok) throw new Refused(response.status, Object.fromEntries(response.headers), await response.text())
    return response
  }

  private async post(): Promise<void> {
    while (this.open && this.queue.length > 0) {
      const batch = this.queue.splice(0, fitting(this.queue))
      try {
        const response = await this.ask('POST', 'frames', { body: `{"connection_id":${JSON.stringify(this.connectionId)},"frames":[${batch.join(',')}]}` })
        const { frames } = await response.json() as { frames: unknown[] }
        for (const frame of frames) this.take(JSON.stringify(frame))
      } catch (error) {
        // The line itself tells of its end; a request that was refused as a whole refuses each of its frames.
        if (error instanceof Refused) for (const text of batch) this.take(refusal(error, text))
      }
    }
  }
}

/** How many of the texts go into the next request: what is no frame, or too long for one, goes alone, so that it spoils no other. */
function fitting(texts: readonly string[]): number {
  let bytes = 0
  const end = texts.findIndex((text, n) => n === LIMITS.framesPerPost || (bytes += Buffer.byteLength(text)) > BATCH_BYTES || isOdd(text))
  return end === -1 ? texts.length : Math.max(1, end)
}

function isOdd(text: string): boolean {
  return Buffer.byteLength(text) > LIMITS.frameBytes || fieldsOf(text) === undefined
}

/** The `error` that says of a frame what the answer said of the whole request. */
function refusal({ body }: Refused, text: string): string {
  const id = fieldsOf(text)?.id
  return JSON.stringify({ type: 'error', ...JSON.parse(body) as object, ...(typeof id === 'string' && { ref: id }) })
}

function fieldsOf(text: string): Record<string, unknown> | undefined {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return undefined
  }
}
