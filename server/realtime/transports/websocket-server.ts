import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { LIMITS } from '#shared/protocol/limits'

/** A message as it came off the wire. */
export interface Arrival {
  binary: boolean
  text: string
}

/** What the server keeps of each socket until the handler takes it up. */
export interface AcceptedSocket {
  ws: WebSocket
  socket: Socket
  /** Messages not taken up yet, in the order they arrived. */
  arrivals: Arrival[]
}

/**
 * The WebSocket server Nitro upgrades with, in place of the outdated one inside crossws.
 *
 * crossws calls its message hook asynchronously, so that hooks can overtake each other, and it does not say whether a
 * message was binary. So every message is lined up here the moment it arrives; the hook takes the next one in line.
 *
 * @param accepted called for each socket before any message of it is delivered
 */
export function createWebSocketServer(accepted: (request: IncomingMessage, accepted: AcceptedSocket) => void): WebSocketServer {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: LIMITS.frameBytes,
    perMessageDeflate: false,
    clientTracking: false,
    skipUTF8Validation: false,
  })
  wss.on('connection', (ws, request) => {
    const arrivals: Arrival[] = []
    ws.on('message', (data, binary) => arrivals.push({ binary, text: binary ? '' : String(data) }))
    accepted(request, { ws, socket: request.socket, arrivals })
  })
  return wss
}
