import type { Identity } from '../../auth/types'
import type { Connection } from '../connection'
import type { Realtime } from '../realtime'
import { createWebSocketTransport } from './websocket'
import type { AcceptedSocket } from './websocket-server'

/** What the server keeps of one WebSocket, from its upgrade to its end. */
export interface SocketContext {
  readonly realtime: Realtime
  readonly address: string
  readonly identity?: Identity
  readonly peerKey?: string
  accepted?: AcceptedSocket
  connection?: Connection
}

/** Makes an accepted socket a connection of the hub. */
export function openSocket(context: SocketContext): Connection | undefined {
  if (!context.accepted) return undefined
  context.connection ??= context.realtime.open({
    transport: createWebSocketTransport(context.accepted.ws, context.accepted.socket),
    address: context.address,
    identity: context.identity,
    peerKey: context.peerKey,
  })
  return context.connection
}

/** Hands the message that is next in line to the hub. */
export function receiveSocket(context: SocketContext): void {
  const connection = openSocket(context)
  const arrival = context.accepted?.arrivals.shift()
  if (connection && arrival) context.realtime.receive(connection, arrival.binary ? undefined : arrival.text)
}

/** Tells the hub that a socket is gone. */
export function closeSocket(context: SocketContext): void {
  if (context.connection) context.realtime.closed(context.connection)
}
