import { closeSocket, openSocket, receiveSocket } from '../realtime/transports/websocket-session'
import type { SocketContext } from '../realtime/transports/websocket-session'

/** The one WebSocket handler: hands what arrives to the hub, and nothing else. */
export default defineWebSocketHandler({
  open: peer => void openSocket(contextOf(peer)),
  message: peer => receiveSocket(contextOf(peer)),
  close: peer => closeSocket(contextOf(peer)),
})

/** Set by the upgrade gate in `server/plugins/websocket.ts`; without it there is no upgrade. */
function contextOf(peer: { context: unknown }): SocketContext {
  return peer.context as SocketContext
}
