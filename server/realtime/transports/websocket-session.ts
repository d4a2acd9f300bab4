import type { Identity } from '../../auth/types'
import type { Connection } from '../connection'
import type { Realtime } from '../realtime'
import { createWebSocketTransport } from './websocket'
import type { AcceptedSocket, Arrival } from './websocket-server'

/** What the server keeps of one WebSocket, from its upgrade to its end. */
export interface SocketContext {
  readonly realtime: Realtime
  readonly address: string
  readonly identity?: Identity
  readonly peerKey?: string
  accepted?: AcceptedSocket
  connection?: Connection
}

/** Makes an accepted socket a connection of the hub, which gets what arrived meanwhile and what arrives from now on. */
export function openSocket(context: SocketContext): void {
  const { realtime, accepted, address, identity, peerKey } = context
  if (!accepted || context.connection) return
  const connection = realtime.open({ transport: createWebSocketTransport(accepted.ws, accepted.socket), address, identity, peerKey })
  context.connection = connection
  accepted.receive = arrival => receive(realtime, connection, accepted, arrival)
  for (const arrival of accepted.arrivals.splice(0)) accepted.receive(arrival)
}

/** Tells the hub that a socket is gone. */
export function closeSocket(context: SocketContext): void {
  if (context.connection) context.realtime.closed(context.connection)
}

function receive(realtime: Realtime, connection: Connection, { ws }: AcceptedSocket, { kind, data }: Arrival): void {
  if (kind === 'text' || kind === 'binary') return realtime.receive(connection, kind === 'text' ? data : undefined, data.length)
  // Answering a ping is a write: not for one who sends too many.
  if (realtime.count(connection, data.length) && kind === 'ping') ws.pong(data)
}
