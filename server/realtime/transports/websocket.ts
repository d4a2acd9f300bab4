import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { LIMITS } from '#shared/protocol/limits'
import type { OutgoingFrame } from '../outgoing'
import type { Transport } from '../outbox'

/** How long a peer may take to answer a close before its socket is cut. */
const CLOSE_TIMEOUT_MS = 5000

/**
 * A WebSocket as a {@link Transport}. Frames are written to the TCP socket as prebuilt bytes: one system call for all
 * of a tick, and one encoding for all of a room. That is sound only while `ws` compresses nothing and is open.
 */
export function createWebSocketTransport(ws: WebSocket, socket: Socket): Transport {
  return {
    kind: 'websocket',
    stalledMs: LIMITS.stalledMs,
    get bufferedBytes() {
      return ws.bufferedAmount
    },
    write(frames: readonly OutgoingFrame[]) {
      if (ws.readyState !== ws.OPEN) return 0
      const [first] = frames
      const bytes = frames.length === 1 && first ? first.webSocketBytes : Buffer.concat(frames.map(frame => frame.webSocketBytes))
      socket.write(bytes)
      return bytes.length
    },
    close(code, reason) {
      if (ws.readyState === ws.CLOSED) return
      ws.close(code, reason)
      const cut = setTimeout(() => ws.terminate(), CLOSE_TIMEOUT_MS)
      cut.unref()
      ws.once('close', () => clearTimeout(cut))
    },
    pause(paused) {
      if (paused) ws.pause()
      else ws.resume()
    },
  }
}
