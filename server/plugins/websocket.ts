import type { IncomingMessage } from 'node:http'
import { upgradeContext } from '../realtime/transports/websocket-upgrade'
import { createWebSocketServer } from '../realtime/transports/websocket-server'
import type { SocketContext } from '../realtime/transports/websocket-session'

/** Gives Nitro our own WebSocket server and the gate in front of it. */
export default defineNitroPlugin((nitroApp) => {
  const contexts = new WeakMap<IncomingMessage, SocketContext>()
  const wss = createWebSocketServer((request, accepted) => {
    const context = contexts.get(request)
    if (context) context.accepted = accepted
  })
  nitroApp.h3App.options.websocket = {
    ...nitroApp.h3App.options.websocket,
    ...{ wss },
    hooks: {
      async upgrade(request) {
        // crossws shows a web Request; the address, the socket and the later `connection` event need Node's own.
        const node = (request as unknown as { _req: IncomingMessage })._req
        // A client that resets while its upgrade is being decided must not become an uncaught error.
        node.socket.on('error', () => node.socket.destroy())
        Object.assign(request.context, await upgradeContext(node, await nitroApp.lastra))
        contexts.set(node, request.context as unknown as SocketContext)
      },
    },
  }
})
