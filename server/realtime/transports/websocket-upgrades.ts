import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'
import { addressOf } from '../../auth/requests'
import type { Lastra } from '../../lastra'
import { LIMITS } from '#shared/protocol/limits'
import { accept, createWebSocketServer } from './websocket-server'
import { closeSocket, openSocket } from './websocket-session'
import type { SocketContext } from './websocket-session'
import { requireSocketPlace, upgradeContext, UpgradeRefusal } from './websocket-upgrade'

/**
 * Takes upgrades straight from Node's server: a socket that is refused costs its head and a line, and one that is let in no more than
 * what it says.
 *
 * @param ready the running core, which may still be starting
 * @returns a listener for `upgrade`
 */
export function createUpgrades(ready: Promise<Lastra>): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const wss = createWebSocketServer()

  async function upgrade(lastra: Lastra, request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const given = await upgradeContext(request, lastra)
    requireSocketPlace(given)
    wss.handleUpgrade(request, socket, head, (ws) => {
      const context: SocketContext = { ...given, accepted: accept(ws, socket) }
      ws.on('error', () => undefined)
      ws.once('close', () => closeSocket(context))
      openSocket(context)
    })
  }

  return (request, duplex, head) => {
    const socket = duplex as Socket
    // A client that resets while its upgrade is being decided must not become an uncaught error.
    socket.on('error', () => socket.destroy())
    void ready.then((lastra) => {
      const address = addressOf(request.headers, socket.remoteAddress, lastra.config.trustProxy)
      lastra.realtime.context.shares.run(`sockets of ${address}`, LIMITS.work.socket, () => {
        if (socket.destroyed) return
        upgrade(lastra, request, socket, head).catch((error: unknown) => {
          if (!(error instanceof UpgradeRefusal)) lastra.logger.error({ err: error }, 'upgrade failed')
          refuse(socket, error instanceof UpgradeRefusal ? error : new UpgradeRefusal(500, 'the server failed to handle this'))
        })
      })
    }, () => socket.destroy())
  }
}

function refuse(socket: Socket, { status, message, headers }: UpgradeRefusal): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}\r\n${message}`)
}
