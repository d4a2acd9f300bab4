import type { ClientFrame, ServerFrame } from '#shared/protocol/frames'

/** A WebSocket whose both ends a test holds: nothing moves until the test moves it. */
export class FakeSocket {
  static all: FakeSocket[] = []
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!
  }

  readonly sent: ClientFrame[] = []
  closedWith?: number
  onopen?: () => void
  onclose?: (event: { code: number, reason: string }) => void
  onmessage?: (event: { data: string }) => void
  onerror?: () => void

  constructor(readonly url: string) {
    FakeSocket.all.push(this)
  }

  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }

  close(code = 1000) {
    this.closedWith = code
  }

  /** The server's side: opens and authenticates. */
  establish(extra: Record<string, unknown> = {}) {
    this.onopen?.()
    this.deliver({
      type: 'connection.established', connection_id: 'c', peer_id: 'p1', user: { id: 'u1', name: 'Ann', role: 'guest' }, transport: 'websocket', heartbeat_ms: 25_000,
      timestamp: '2026-01-01T00:00:00.000Z', limits: { frame_bytes: 1, text_bytes: 1, signal_bytes: 1, frames_per_s: 1, chat_per_s: 1, join_messages: 1, log_page: 1 }, ...extra,
    })
  }

  deliver(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  /** The server's side: closes. */
  drop(code = 1006, reason = '') {
    this.onclose?.({ code, reason })
  }

  /** What was sent of one type, newest last. */
  of<T extends ClientFrame['type']>(type: T): Extract<ClientFrame, { type: T }>[] {
    return this.sent.filter((frame): frame is Extract<ClientFrame, { type: T }> => frame.type === type)
  }
}
