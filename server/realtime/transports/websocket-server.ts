import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { LIMITS } from '#shared/protocol/limits'

/** A message as it came off the wire, not yet decoded, or a ping or pong of the socket's own. */
export interface Arrival {
  kind: 'text' | 'binary' | 'ping' | 'pong'
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

/** The WebSocket server in place of the outdated one inside crossws: it knows our bounds, and answers no ping by itself. */
export function createWebSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    // Each piece of a message costs as much as a message.
    maxFragments: LIMITS.fragments,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: false,
    autoPong: false,
  })
}

/** Keeps what arrives at a socket, in order, until it is taken up; from then on each message is handed on the moment it arrives. */
export function accept(ws: WebSocket, socket: Socket): AcceptedSocket {
  const accepted: AcceptedSocket = { ws, socket, arrivals: [] }
  const take = (kind: Arrival['kind'], data: Buffer): void => {
    if (accepted.receive) accepted.receive({ kind, data })
    else accepted.arrivals.push({ kind, data })
  }
  ws.on('message', (data, binary) => take(binary ? 'binary' : 'text', data as Buffer))
  ws.on('ping', data => take('ping', data))
  ws.on('pong', data => take('pong', data))
  return accepted
}
