import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { OutgoingFrame } from '../outgoing'
import type { Transport } from '../outbox'
import { Batch } from './batch'

/** How long a peer may take to answer a close before its socket is cut. */
const CLOSE_TIMEOUT_MS = 5000

/** The same for one who is not read any more, and whose answer would not be seen: time for the goodbye to arrive. */
const DEAF_TIMEOUT_MS = 500

/** One for all sockets: what it saves is what they have in common. */
const batch = new Batch()

/**
 * A WebSocket as a {@link Transport}. Frames are written to the TCP socket as prebuilt bytes: one system call for all
 * of a tick, and one encoding for all of a room. That is sound only while `ws` compresses nothing and is open.
 */
export function createWebSocketTransport(ws: WebSocket, socket: Socket): Transport {
  let deaf = false
  return {
    kind: 'websocket',
    stalledMs: LIMITS.stalledMs,
    get bufferedBytes() {
      return ws.bufferedAmount
    },
    write(frames: readonly OutgoingFrame[]) {
      if (ws.readyState !== ws.OPEN) return 0
      const { shared, own } = batch.put(frames.map(frame => frame.webSocketBytes))
      if (!own) {
        socket.write(shared)
        return shared.length
      }
      socket.cork()
      socket.write(shared)
      socket.write(own)
      socket.uncork()
      return shared.length + own.length
    },
    close(code, reason) {
      if (ws.readyState === ws.CLOSED) return
      ws.close(code, reason)
      // Who sends too much may go on sending: it is left in the network.
      deaf = code === CLOSE.tooMany
      if (deaf) {
        ws.pause()
        // What of it is here already is taken apart all the same, but nobody is told.
        for (const event of ['message', 'ping', 'pong']) ws.removeAllListeners(event)
      }
      const cut = setTimeout(() => ws.terminate(), deaf ? DEAF_TIMEOUT_MS : CLOSE_TIMEOUT_MS)
      cut.unref()
      ws.once('close', () => clearTimeout(cut))
    },
    pause(paused) {
      if (paused) ws.pause()
      else if (!deaf) ws.resume()
    },
  }
}
