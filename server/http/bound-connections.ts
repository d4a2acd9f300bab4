import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { LIMITS } from '#shared/protocol/limits'
import { networkOf } from '../auth/network'
import type { Lastra } from '../lastra'

/**
 * Bounds how many connections of the network an address holds, whether they say anything or not: each costs memory before anything is
 * known of it (CON-11). Behind a trusted proxy all of them are the proxy's, which has bounds of its own.
 *
 * @param lastra the running core, once it is there
 */
export function boundConnections(server: Server, lastra: () => Lastra | undefined): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const config = lastra()?.config
    if (!config || config.trustProxy) return
    const address = networkOf(socket.remoteAddress ?? 'unknown')
    const count = open.get(address) ?? 0
    if (count >= config.limits.connectionsPerAddress * LIMITS.linksPerPlace) {
      socket.destroy()
      return
    }
    open.set(address, count + 1)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left > 0) open.set(address, left)
      else open.delete(address)
    })
  })
}
