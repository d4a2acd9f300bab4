import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { boundConnections } from '../../../../server/http/bound-connections'
import type { Lastra } from '../../../../server/lastra'
import { LIMITS } from '../../../../shared/protocol/limits'

const sockets: Socket[] = []
const server = createServer((_request, response) => response.end('here'))
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

it('[CON-11] connections that say nothing are bounded for an address, and one that ends makes room', async () => {
  boundConnections(server, () => ({ config: { trustProxy: false, limits: { connectionsPerAddress: 1 } } }) as unknown as Lastra)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined)
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }
  let parsers = 0
  const seen = (socket: Socket): void => void (parsers += Number('parser' in socket))
  server.on('connection', seen)
  for (let n = 0; n < LIMITS.linksPerPlace; n++) await open()
  await once((await open()).resume(), 'close')
  // Nothing was made for the one that was too many.
  expect(parsers).toBe(LIMITS.linksPerPlace)
  server.off('connection', seen)
  sockets[0]!.destroy()
  await expect.poll(() => new Promise(resolve => server.getConnections((_error, count) => resolve(count)))).toBe(LIMITS.linksPerPlace - 1)
  const late = await open()
  late.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const [answer] = await once(late, 'data') as [Buffer]
  expect(String(answer)).toContain(' 200 ')
})
