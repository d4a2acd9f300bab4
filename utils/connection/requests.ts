import type { ClientFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { ChatError } from './chat-error'
import { refused, unavailable } from './chat-error'

export type Ack = ServerFrameOf<'ack'>

interface Waiting {
  frame: ClientFrame
  /** What it was sent over; undefined while it is kept. */
  line?: object
  sentAt: number
  timer: ReturnType<typeof setTimeout>
  resolve: (ack: Ack) => void
  reject: (error: ChatError) => void
}

export interface RequestsOptions {
  /** Sends one frame now. Gives what it was sent over, or false when there is no connection. */
  transmit: (frame: ClientFrame) => boolean | object
  /** How many requests may be unanswered at once. @default 256 */
  limit?: number
  /** How long an answer may take, the time without a connection included, in milliseconds. @default 20000 */
  timeoutMs?: number
  /** Told how long an answer took, and over what the frame had been sent. */
  onAnswer?: (ms: number, line: object) => void
}

/** Stands for the one connection where there are not several. */
const ONLY = {}

export interface Requests {
  /** Sends a frame with an `id`, or keeps it until {@link Requests.flush}; settles with its one reply (FRM-3). */
  request: (frame: ClientFrame) => Promise<Ack>
  /** Hands over the reply of a request. Returns false when nothing waits for it. */
  reply: (frame: Ack | ServerFrameOf<'error'>) => boolean
  /** Sends what was kept while there was no connection, in order. */
  flush: () => void
  /** Fails what was sent, over one line or any, and not answered: whether it was done cannot be known. Kept frames stay. */
  cut: (line?: object) => void
  /** Fails everything, kept frames too: whoever connects next may be somebody else. */
  drop: () => void
  /** How many sent over this line wait for their answer. */
  open: (line: object) => number
}

/** Pairs requests with replies over a connection that comes and goes. Bounded: one too many is refused at once. */
export function createRequests(options: RequestsOptions): Requests {
  const { transmit, limit = 256, timeoutMs = 20_000, onAnswer } = options
  const waiting = new Map<string, Waiting>()
  let count = 0

  function take(id: string): Waiting | undefined {
    const entry = waiting.get(id)
    if (!entry) return undefined
    clearTimeout(entry.timer)
    waiting.delete(id)
    return entry
  }

  function attempt(entry: Waiting) {
    const over = transmit(entry.frame)
    if (over === false) return
    entry.line = over === true ? ONLY : over
    entry.sentAt = performance.now()
  }

  return {
    request(frame) {
      if (waiting.size >= limit) return Promise.reject(unavailable('Too much is waiting for the connection.'))
      const id = `c${++count}`
      const withId = { ...frame, id }
      return new Promise<Ack>((resolve, reject) => {
        const timer = setTimeout(() => take(id)?.reject(unavailable('The server did not answer.')), timeoutMs)
        const entry: Waiting = { frame: withId, sentAt: 0, timer, resolve, reject }
        waiting.set(id, entry)
        attempt(entry)
      })
    },
    reply(frame) {
      const entry = frame.ref === undefined ? undefined : take(frame.ref)
      if (!entry) return false
      if (entry.line) onAnswer?.(performance.now() - entry.sentAt, entry.line)
      if (frame.type === 'ack') entry.resolve(frame)
      else entry.reject(refused(frame))
      return true
    },
    flush() {
      for (const entry of waiting.values()) {
        if (!entry.line) attempt(entry)
      }
    },
    cut(line) {
      for (const [id, entry] of [...waiting]) {
        if (entry.line && (line === undefined || entry.line === line)) take(id)?.reject(unavailable('The connection was lost before the server answered.'))
      }
    },
    drop() {
      for (const id of [...waiting.keys()]) take(id)?.reject(unavailable('The connection was closed.'))
    },
    open: line => [...waiting.values()].filter(entry => entry.line === line).length,
  }
}
