import type { IncomingMessage } from 'node:http'
import { accept, createWebSocketServer } from '../realtime/transports/websocket-server'
import type { SocketContext } from '../realtime/transports/websocket-session'
import { upgradeContext, UpgradeRefusal } from '../realtime/transports/websocket-upgrade'

/** Gives Nitro's development server our own WebSocket server and the gate in front of it; `server/entry.ts` needs neither. */
export default defineNitroPlugin((nitroApp) => {
  if (!import.meta.dev) return
  const contexts = new WeakMap<IncomingMessage, SocketContext>()
  const wss = createWebSocketServer()
  wss.on('connection', (ws, request) => {
    const context = contexts.get(request)
    if (context) context.accepted = accept(ws, request.socket)
  })
  nitroApp.h3App.options.websocket = {
    ...nitroApp.h3App.options.websocket,
    ...{ wss },
    hooks: {
      async upgrade(request) {
        // crossws shows a web Request; the address, the socket and the later `connection` event need Node's own.
        const node = (request as unknown as { _req: IncomingMessage })._req
        node.socket.on('error', () => node.socket.destroy())
        try {
          Object.assign(request.context, await upgradeContext(node, await nitroApp.lastra))
        } catch (error) {
          // A thrown response goes through; a returned one was overridden by a route's hook.
          throw error instanceof UpgradeRefusal ? new Response(error.message, { status: error.status, headers: error.headers }) : error
        }
        contexts.set(node, request.context as unknown as SocketContext)
      },
    },
  }
})
