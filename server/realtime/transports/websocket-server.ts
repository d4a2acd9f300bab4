import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { LIMITS } from '#shared/protocol/limits'

/** A message as it came off the wire, not yet decoded; `control` for a ping or pong of the socket's own. */
export interface Arrival {
  kind: 'text' | 'binary' | 'control'
  data: Buffer
}

/** What the server keeps of each socket. */
export interface AcceptedSocket {
  ws: WebSocket
  socket: Socket
  /** Takes each arrival the moment it is there, once the socket was taken up. */
  receive?: (arrival: Arrival) => void
  /** What arrived before, in order. */
  arrivals: Arrival[]
}

/**
 * The WebSocket server Nitro upgrades with, in place of the outdated one inside crossws.
 *
 * crossws calls its message hook asynchronously, so that hooks can overtake each other, and only after it has made objects of
 * its own for each message. So every message is handed on here, the moment it arrives.
 *
 * @param accepted called for each socket before any message of it is delivered
 */
export function createWebSocketServer(accepted: (request: IncomingMessage, accepted: AcceptedSocket) => void): WebSocketServer {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    // Each piece of a message costs as much as a message.
    maxFragments: LIMITS.fragments,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: false,
  })
  wss.on('connection', (ws, request) => {
    const socket: AcceptedSocket = { ws, socket: request.socket, arrivals: [] }
    const take = (kind: Arrival['kind'], data: Buffer): void => {
      if (socket.receive) socket.receive({ kind, data })
      else socket.arrivals.push({ kind, data })
    }
    ws.on('message', (data, binary) => take(binary ? 'binary' : 'text', data as Buffer))
    ws.on('ping', data => take('control', data))
    ws.on('pong', data => take('control', data))
    accepted(request, socket)
  })
  return wss
}
