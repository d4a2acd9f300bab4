import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { ServerFrame } from '#shared/protocol/frames'
import type { Wire, WireEnd, WireEvents } from './wire'
import { BROKEN } from './wire'
import type { FrameSender } from './frame-sender'
import { createFrameSender } from './frame-sender'

/** How the wires over HTTP reach the server. */
export interface HttpAccess {
  /** Where the server is, without a path. @default the page's own */
  origin?: string
  /** @default the global one */
  fetch?: typeof fetch
  /** Further headers of every request, for a client that has no cookies of its own. */
  headers?: () => Record<string, string>
  /** This tab's peer key (CON-8). */
  peerKey: () => string | undefined
}

/** How long a request that does not wait on purpose may take. */
const REQUEST_MS = 10_000
/** How long the server may take to say whether it is there. */
const PREFLIGHT_MS = 4_000

/** One request of a wire. */
export interface HttpQuestion {
  query?: Record<string, string | undefined>
  /** JSON. */
  body?: string
  accept?: string
  /** How long it may take, in milliseconds. @default 10000 */
  waitMs?: number
}

/** One use of HTTP as a wire: makes its requests, and ends once, whatever fails first. */
export class HttpWire implements Wire {
  private readonly aborter = new AbortController()
  private readonly sender: FrameSender
  private connectionId?: string
  private ended = false

  constructor(private readonly access: HttpAccess, private readonly events: WireEvents) {
    this.sender = createFrameSender({ post: texts => this.post(texts) })
  }

  /** Whether nothing more is to be told. */
  get isEnded(): boolean {
    return this.ended
  }

  /** The tab this wire speaks for, as every opening request says it. */
  get peer(): { peer_key: string | undefined } {
    return { peer_key: this.access.peerKey() }
  }

  send(text: string): boolean {
    return !this.ended && this.connectionId !== undefined && this.sender.push(text)
  }

  unsent(): number {
    return this.sender.unsent()
  }

  close(): void {
    this.ended = true
    this.sender.stop()
    this.aborter.abort()
  }

  /** Ends because of the network or the server, and says why. */
  end(end: WireEnd): void {
    if (this.ended) return
    this.close()
    this.events.closed(end)
  }

  /** Hands a frame on. The server's own goodbye ends the wire as a close code does (CON-5). */
  receive(frame: ServerFrame, chars: number): void {
    if (this.ended) return
    if (frame.type === 'connection.closed') return this.end({ code: frame.code, reason: frame.reason })
    if (frame.type === 'connection.established') this.connectionId = frame.connection_id
    this.events.frame(frame, chars)
  }

  /** Asks for a JSON answer. A refusal ends the wire, and so does a failure of the network; nothing comes back then. */
  async ask<T>(method: string, path: string, options: HttpQuestion = {}): Promise<T | undefined> {
    const answer = await this.tryAsk<T>(method, path, options)
    if (answer && 'value' in answer) return answer.value
    if (answer) this.end(answer)
    return undefined
  }

  /** As {@link HttpWire.ask}, but ends nothing: gives the answer, or what the refusal or the failure means. */
  async tryAsk<T>(method: string, path: string, options: HttpQuestion = {}): Promise<{ value: T } | WireEnd> {
    const { signal, release } = this.deadline(options.waitMs)
    try {
      const response = await this.fetch(method, path, options, signal)
      if (response.ok) return { value: await response.json() as T }
      void response.body?.cancel().catch(() => undefined)
      return refusal(response)
    } catch {
      return { code: BROKEN, reason: signal.aborted ? 'timeout' : 'network' }
    } finally {
      release()
    }
  }

  /** Opens a stream: nothing but its beginning has a deadline. A refusal ends the wire. */
  async stream(path: string, options: HttpQuestion): Promise<ReadableStream<Uint8Array> | undefined> {
    const { signal, release } = this.deadline(options.waitMs)
    try {
      const response = await this.fetch('GET', path, options, signal)
      release(true)
      if (response.ok && response.body) return response.body
      this.end(refusal(response))
    } catch {
      this.end({ code: BROKEN, reason: signal.aborted ? 'timeout' : 'network' })
    }
    return undefined
  }

  /** Tells the server, without waiting, that this wire is not used any more. */
  farewell(method: string, path: string, query: Record<string, string>): void {
    (this.access.fetch ?? fetch)(this.url(path, query), { method, keepalive: true, headers: this.access.headers?.() }).catch(() => undefined)
  }

  private fetch(method: string, path: string, { query, body, accept }: HttpQuestion, signal: AbortSignal): Promise<Response> {
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...(accept && { accept }), ...this.access.headers?.() }
    return (this.access.fetch ?? fetch)(this.url(path, query), { method, body, headers, cache: 'no-store', signal })
  }

  /** A signal for one request: aborted after a time, and with the wire. Released with `true`, the wire alone still aborts it. */
  private deadline(ms = REQUEST_MS): { signal: AbortSignal, release: (keep?: boolean) => void } {
    const aborter = new AbortController()
    const abort = () => aborter.abort()
    const timer = setTimeout(abort, ms)
    if (this.ended) abort()
    this.aborter.signal.addEventListener('abort', abort)
    return {
      signal: aborter.signal,
      release: (keep) => {
        clearTimeout(timer)
        if (!keep) this.aborter.signal.removeEventListener('abort', abort)
      },
    }
  }

  private url(path: string, query: HttpQuestion['query'] = {}): string {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
    const search = given.length > 0 ? `?${new URLSearchParams(given)}` : ''
    return `${this.access.origin ?? ''}${path}${search}`
  }

  private async post(texts: readonly string[]): Promise<boolean> {
    const body = `{"connection_id":${JSON.stringify(this.connectionId)},"frames":[${texts.join(',')}]}`
    // Whether they were handled cannot be known after a failure: the wire ends, so that nothing overtakes them (FRM-6).
    const answer = await this.ask<{ frames: ServerFrame[] }>('POST', '/api/chat/frames', { body })
    for (const frame of answer?.frames ?? []) this.receive(frame, JSON.stringify(frame).length)
    return answer !== undefined && !this.ended
  }
}

/** What an HTTP status means for a connection, in close codes (CON-5). */
export function refusal({ status, headers }: Pick<Response, 'status' | 'headers'>): WireEnd {
  const after = Number(headers.get('retry-after'))
  const retryAfterMs = after > 0 ? after * 1000 : undefined
  const codes: Record<number, number> = { 401: CLOSE.unauthorized, 403: CLOSE.forbidden, 413: CLOSE.tooLarge, 429: CLOSE.tooMany, 503: CLOSE.restarting }
  return { code: codes[status] ?? BROKEN, reason: `HTTP ${status}`, ...(retryAfterMs && { retryAfterMs }) }
}

/** Whether the server would take this client over plain HTTP now, or at least says why not (SSE-2). */
export async function httpWorks(access: HttpAccess): Promise<boolean> {
  try {
    const response = await (access.fetch ?? fetch)(`${access.origin ?? ''}/api/chat/stream`, { method: 'POST', headers: access.headers?.(), signal: AbortSignal.timeout(PREFLIGHT_MS) })
    void response.body?.cancel().catch(() => undefined)
    return response.status < 500 && response.status !== 429
  } catch {
    return false
  }
}

/** Whether the server has no place for one more connection of this person or address (CON-6): a WebSocket's refusal does not say so to its page. */
export async function isFull(access: HttpAccess): Promise<boolean> {
  try {
    const response = await (access.fetch ?? fetch)(`${access.origin ?? ''}/api/chat/stream`, { method: 'POST', headers: access.headers?.(), signal: AbortSignal.timeout(PREFLIGHT_MS) })
    void response.body?.cancel().catch(() => undefined)
    return response.status === 429
  } catch {
    return false
  }
}

/** How long a stream or an answer may say nothing before it counts as dead: two comment lines and some (SSE-1). */
export const SILENCE_MS = LIMITS.heartbeatMs + 15_000
