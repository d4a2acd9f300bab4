import { closeSocket, openSocket } from '../realtime/transports/websocket-session'
import type { SocketContext } from '../realtime/transports/websocket-session'

/** The one WebSocket handler: brings sockets to the hub, and nothing else. Their messages go there by themselves. */
export default defineWebSocketHandler({
  open: peer => openSocket(contextOf(peer)),
  close: peer => closeSocket(contextOf(peer)),
})

/** Set by the upgrade gate in `server/plugins/websocket.ts`; without it there is no upgrade. */
function contextOf(peer: { context: unknown }): SocketContext {
  return peer.context as SocketContext
}
