import type { ClientFrame, ServerFrameOf } from '#shared/protocol/frames'
import type { ChatError } from './chat-error'
import { refused, unavailable } from './chat-error'

export type Ack = ServerFrameOf<'ack'>

interface Waiting {
  frame: ClientFrame
  sent: boolean
  timer: ReturnType<typeof setTimeout>
  resolve: (ack: Ack) => void
  reject: (error: ChatError) => void
}

export interface RequestsOptions {
  /** Sends one frame now; false when there is no connection. */
  transmit: (frame: ClientFrame) => boolean
  /** How many requests may be unanswered at once. @default 256 */
  limit?: number
  /** How long an answer may take, the time without a connection included, in milliseconds. @default 20000 */
  timeoutMs?: number
}

export interface Requests {
  /** Sends a frame with an `id`, or keeps it until {@link Requests.flush}; settles with its one reply (FRM-3). */
  request: (frame: ClientFrame) => Promise<Ack>
  /** Hands over the reply of a request. Returns false when nothing waits for it. */
  reply: (frame: Ack | ServerFrameOf<'error'>) => boolean
  /** Sends what was kept while there was no connection, in order. */
  flush: () => void
  /** Fails what was sent and not answered: whether it was done cannot be known. Kept frames stay. */
  cut: () => void
}

/** Pairs requests with replies over a connection that comes and goes. Bounded: one too many is refused at once. */
export function createRequests(options: RequestsOptions): Requests {
  const { transmit, limit = 256, timeoutMs = 20_000 } = options
  const waiting = new Map<string, Waiting>()
  let count = 0

  function take(id: string): Waiting | undefined {
    const entry = waiting.get(id)
    if (!entry) return undefined
    clearTimeout(entry.timer)
    waiting.delete(id)
    return entry
  }

  return {
    request(frame) {
      if (waiting.size >= limit) return Promise.reject(unavailable('Too much is waiting for the connection.'))
      const id = `c${++count}`
      const withId = { ...frame, id }
      return new Promise<Ack>((resolve, reject) => {
        const timer = setTimeout(() => take(id)?.reject(unavailable('The server did not answer.')), timeoutMs)
        waiting.set(id, { frame: withId, sent: transmit(withId), timer, resolve, reject })
      })
    },
    reply(frame) {
      const entry = frame.ref === undefined ? undefined : take(frame.ref)
      if (!entry) return false
      if (frame.type === 'ack') entry.resolve(frame)
      else entry.reject(refused(frame))
      return true
    },
    flush() {
      for (const entry of waiting.values()) {
        if (!entry.sent) entry.sent = transmit(entry.frame)
      }
    },
    cut() {
      for (const [id, entry] of [...waiting]) {
        if (entry.sent) take(id)?.reject(unavailable('The connection was lost before the server answered.'))
      }
    },
  }
}
