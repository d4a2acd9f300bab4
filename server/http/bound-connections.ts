import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { LIMITS } from '#shared/protocol/limits'
import { networkOf } from '../auth/network'
import type { Lastra } from '../lastra'

/**
 * Bounds how many connections of the network an address holds, whether they say anything or not: each costs memory before anything is
 * known of it (CON-11). It stands before all who listen for connections, Node's own server among them, which makes a parser for each:
 * one that is too many is closed before anybody else has seen it. Behind a trusted proxy all of them are the proxy's, which has bounds
 * of its own.
 *
 * @param lastra the running core, once it is there
 */
export function boundConnections(server: Server, lastra: () => Lastra | undefined): void {
  const open = new Map<string, number>()
  const listeners = server.listeners('connection') as ((this: Server, socket: Socket) => void)[]
  server.removeAllListeners('connection')

  /** Counts a connection until its end. @returns whether there is a place for it */
  function take(socket: Socket): boolean {
    const config = lastra()?.config
    if (!config || config.trustProxy) return true
    const address = networkOf(socket.remoteAddress ?? 'unknown')
    const count = open.get(address) ?? 0
    if (count >= config.limits.connectionsPerAddress * LIMITS.linksPerPlace) return false
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
    return true
  }

  server.on('connection', (socket: Socket) => {
    if (!take(socket)) socket.destroy()
    else for (const listener of listeners) listener.call(server, socket)
  })
}
