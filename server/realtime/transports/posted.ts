import type { Connection } from '../connection'
import type { Transport } from '../outbox'

/** A transport that only carries frames to the client: the client's own come by requests beside it (SSE-3). */
export interface PostedTransport extends Transport {
  readonly kind: 'sse' | 'polling'
  /** Resolves when the client's frames may be taken: at once, unless the transport is paused. */
  reading: () => Promise<void>
}

/** A connection whose frames come by requests. */
export type PostedConnection = Connection & { readonly transport: PostedTransport }

/** Tells a connection that is written to by requests from a socket. */
export function isPosted(connection: Connection): connection is PostedConnection {
  return connection.transport.kind !== 'websocket'
}

/** Holds requests back while reading is paused, and lets them go in the order they came. */
export class Gate {
  private closed?: { opening: Promise<void>, open: () => void }

  pause(paused: boolean): void {
    if (!paused) {
      this.closed?.open()
      this.closed = undefined
    } else if (!this.closed) {
      let open = (): void => undefined
      const opening = new Promise<void>(resolve => open = resolve)
      this.closed = { opening, open }
    }
  }

  passed(): Promise<void> {
    return this.closed?.opening ?? Promise.resolve()
  }
}
