import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket } from 'ws'
import { accept, createWebSocketServer } from '../../../../../server/realtime/transports/websocket-server'
import type { AcceptedSocket } from '../../../../../server/realtime/transports/websocket-server'
import { createWebSocketTransport } from '../../../../../server/realtime/transports/websocket'
import { describeTransport } from '../transport.contract'
import { waitFor } from '../../../../support/wait'

describeTransport('WebSocket', async () => {
  const sockets: AcceptedSocket[] = []
  const wss = createWebSocketServer()
  const server = createServer()
  server.on('upgrade', (request, socket, head) => wss.handleUpgrade(request, socket, head, ws => sockets.push(accept(ws, request.socket))))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const received: string[] = []
  client.on('message', data => received.push(String(data)))
  const ended = once(client, 'close').then(([code]) => code as number)
  await once(client, 'open')
  const { ws, socket, arrivals } = await waitFor(() => sockets[0])
  const arrived: string[] = []
  return {
    transport: createWebSocketTransport(ws, socket),
    received,
    bytesOf: frame => frame.webSocketBytes.length,
    async got(count) {
      await waitFor(() => received.length >= count)
    },
    ended,
    stall: stalled => stalled ? client.pause() : client.resume(),
    send: text => client.send(text),
    arrived,
    async arrivedCount(count) {
      await waitFor(() => {
        arrived.push(...arrivals.splice(0).map(arrival => String(arrival.data)))
        return arrived.length >= count
      })
    },
    async dispose() {
      client.terminate()
      server.close()
      await once(server, 'close')
    },
  }
})
