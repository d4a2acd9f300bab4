import { WebSocket } from 'ws'
import type { ServerFrame } from '#shared/protocol/frames'
import { readServerFrame, reportViolation } from './contract'
import { within } from './wait'

/** How a connection ended: a close code of CON-5, 1000 for one's own close, 1006 for a line that broke without a word. */
export interface Ending {
  code: number
  reason: string
}

/** One client's end of a connection, whatever carries it. Every frame of the server is checked, and given to `receive`. */
export interface Wire {
  readonly isOpen: boolean
  readonly closed: Promise<Ending>
  /** Sends a text, a frame or not. */
  send: (text: string) => void
  /** Resolves when what was sent so far has been answered, where answers come apart from the frames. */
  settled: () => Promise<void>
  /** Proves by a fresh token who the further requests are from, where there are any (CON-9). */
  signIn: (token: string) => void
  /** Stops or goes on reading, as a client that hangs. */
  pause: (paused: boolean) => void
  /** Breaks the connection without a goodbye. */
  cut: () => void
  /** Closes as a browser does when its tab goes. */
  close: () => void
}

export type Receive = (frame: ServerFrame) => void

/** A connection that was answered with a plain HTTP status. */
export class Refused extends Error {
  constructor(readonly status: number, readonly headers: Record<string, string | string[] | undefined>, readonly body: string) {
    super(`refused with ${status}: ${body.slice(0, 200)}`)
  }
}

/** A WebSocket as a {@link Wire}. */
export class WebSocketWire implements Wire {
  readonly closed: Promise<Ending>

  constructor(readonly socket: WebSocket, receive: Receive) {
    socket.on('message', (data, binary) => {
      const text = data.toString()
      if (binary) return reportViolation(`a binary message: ${text.slice(0, 80)}`)
      const frame = readServerFrame(text)
      if (frame) receive(frame)
    })
    // Without a listener a reset would end the test run; `closed` tells of it.
    socket.on('error', () => undefined)
    this.closed = new Promise(resolve => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })))
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  send(text: string): void {
    this.socket.send(text)
  }

  async settled(): Promise<void> {}

  signIn(): void {}

  pause(paused: boolean): void {
    if (paused) this.socket.pause()
    else this.socket.resume()
  }

  cut(): void {
    this.socket.terminate()
  }

  close(): void {
    this.socket.close(1000)
  }
}

/**
 * Opens a WebSocket and sends nothing.
 *
 * @throws Refused when the server answered with a plain response
 */
export async function openWebSocket(url: URL, headers: Record<string, string>, receive: Receive, timeout: number): Promise<WebSocketWire> {
  const { origin, ...others } = headers
  const socket = new WebSocket(url, { headers: others, perMessageDeflate: false, ...origin ? { origin } : {} })
  const wire = new WebSocketWire(socket, receive)
  await within(new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_request, response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => reject(new Refused(response.statusCode ?? 0, response.headers, body)))
    })
  }), timeout, 'the WebSocket upgrade')
  return wire
}
