import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startFaultProxy } from '../../support/fault-proxy'
import type { FaultProxy } from '../../support/fault-proxy'
import { waitFor } from '../../support/wait'

/** One end of a TCP connection, and all it saw. */
class End {
  received = Buffer.alloc(0)
  ended = false
  error?: string
  closed = false

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
    })
    socket.on('end', () => this.ended = true)
    socket.on('error', (error: NodeJS.ErrnoException) => this.error = error.code)
    socket.on('close', () => this.closed = true)
  }

  get text(): string {
    return this.received.toString()
  }
}

let server: Server
let proxy: FaultProxy
let accepted: End[]

async function pair(): Promise<{ client: End, far: End }> {
  const before = accepted.length
  const client = new End(connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true }))
  const far = await waitFor(() => accepted[before])
  return { client, far }
}

beforeEach(async () => {
  accepted = []
  server = createServer({ allowHalfOpen: true }, socket => accepted.push(new End(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await startFaultProxy(server.address() as AddressInfo)
})
afterEach(async () => {
  await proxy.close()
  for (const end of accepted) end.socket.destroy()
  await new Promise(resolve => server.close(resolve))
})

describe('fault proxy', () => {
  it('passes everything both ways, and each side\'s end, while the network is sound', async () => {
    const { client, far } = await pair()
    const sent = Buffer.alloc(2_000_000, 'abc')
    client.socket.end(sent)
    await waitFor(() => far.ended)
    expect(far.received.equals(sent)).toBe(true)
    expect(client.ended).toBe(false)
    far.socket.end('the answer to all of it')
    await waitFor(() => client.closed && far.closed)
    expect(client.text).toBe('the answer to all of it')
    expect(client.error ?? far.error).toBeUndefined()
    expect(proxy.connections).toEqual([])
  })

  it('delays with jitter, in order', async () => {
    const { client, far } = await pair()
    proxy.set({ up: { delayMs: 1_500, jitterMs: 200 } })
    const began = performance.now()
    for (let n = 0; n < 20; n++) {
      client.socket.write(`${n} `)
      await new Promise(resolve => setImmediate(resolve))
    }
    far.socket.write('down is not slow')
    await waitFor(() => client.text !== '')
    expect(performance.now() - began).toBeLessThan(1_400)
    expect(far.text).toBe('')
    await waitFor(() => far.text.endsWith('19 '))
    expect(performance.now() - began).toBeGreaterThan(1_490)
    expect(far.text).toBe(Array.from({ length: 20 }, (_, n) => `${n} `).join(''))
  })

  it('throttles to so many bytes a second', async () => {
    const { client, far } = await pair()
    proxy.set({ both: { bytesPerSecond: 20_000 } })
    const began = performance.now()
    client.socket.write(Buffer.alloc(8_000))
    await waitFor(() => far.received.length === 8_000, { interval: 5 })
    const took = performance.now() - began
    expect(took).toBeGreaterThan(350)
    expect(took).toBeLessThan(5_000)
  })

  it('lets nothing into a hole in one direction, and goes on after it', async () => {
    const { client, far } = await pair()
    proxy.set({ up: { hole: true } })
    client.socket.end('swallowed?')
    far.socket.write('still heard')
    await waitFor(() => client.text === 'still heard')
    expect(far.text).toBe('')
    expect(far.ended).toBe(false)
    proxy.heal()
    await waitFor(() => far.ended)
    expect(far.text).toBe('swallowed?')
  })

  it('keeps a bounded part of what goes into a hole', async () => {
    const { client } = await pair()
    proxy.set({ up: { hole: true } })
    let taken = 0
    const chunk = Buffer.alloc(1 << 20)
    // What the two kernels and the proxy keep is some megabytes; 64 of them would mean that nobody bounds it.
    for (let n = 0; n < 64; n++) client.socket.write(chunk, () => taken++)
    await waitFor(() => taken > 0 || client.socket.bytesWritten > 0)
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(taken).toBeLessThan(32)
  })

  it('resets both sides', async () => {
    const { client, far } = await pair()
    proxy.connections[0]?.reset()
    await waitFor(() => client.closed && far.closed)
    expect([client.error, far.error]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect(proxy.connections).toEqual([])
  })

  it('hands a reset of one side to the other', async () => {
    const { client, far } = await pair()
    client.socket.resetAndDestroy()
    await waitFor(() => far.closed)
    expect(far.error).toBe('ECONNRESET')
  })

  it.each(['up', 'down'] as const)('cuts after exactly so many bytes %s', async (direction) => {
    const { client, far } = await pair()
    const [sender, receiver] = direction === 'up' ? [client, far] : [far, client]
    sender.socket.write('before ')
    await waitFor(() => receiver.text === 'before ')
    proxy.connections[0]?.set({ [direction]: { cutAfter: 5 } })
    sender.socket.write('12')
    sender.socket.write('3456789')
    await waitFor(() => receiver.ended || receiver.closed)
    expect(receiver.text).toBe('before 12345')
    await waitFor(() => sender.closed)
    expect(sender.error).toBe('ECONNRESET')
  })

  it.each(['client', 'server'] as const)('leaves a half-open connection when the %s goes', async (side) => {
    const { client, far } = await pair()
    const [going, staying] = side === 'client' ? [client, far] : [far, client]
    proxy.connections[0]?.abandon(side)
    await waitFor(() => going.closed)
    staying.socket.write('is anybody there?')
    await new Promise(resolve => setTimeout(resolve, 100))
    expect([staying.ended, staying.closed, staying.error]).toEqual([false, false, undefined])
    await proxy.close()
    await waitFor(() => staying.closed)
  })

  it('refuses new connections and leaves the old ones alone', async () => {
    const { client, far } = await pair()
    proxy.set({ refuse: true })
    const refused = new End(connect({ port: proxy.port, host: '127.0.0.1' }))
    await waitFor(() => refused.closed)
    expect(refused.error).toBe('ECONNRESET')
    expect(accepted).toHaveLength(1)
    client.socket.write('old')
    await waitFor(() => far.text === 'old')
    proxy.heal()
    await pair()
  })

  it('resets a client whose server is down', async () => {
    const nobody = await startFaultProxy({ port: 1 })
    const client = new End(connect({ port: nobody.port, host: '127.0.0.1' }))
    await waitFor(() => client.closed)
    expect(client.error).toBe('ECONNRESET')
    await nobody.close()
  })

  it('ends everything on close, in the middle of every fault', async () => {
    const ends = await Promise.all([pair(), pair(), pair()])
    proxy.set({ both: { delayMs: 60_000, bytesPerSecond: 10 } })
    for (const { client } of ends) client.socket.write('for ever on its way')
    await proxy.close()
    await waitFor(() => ends.every(({ client, far }) => client.closed && far.closed))
    expect(proxy.connections).toEqual([])
  })
})

describe('fault proxy and WebSockets', () => {
  let http: ReturnType<typeof createHttpServer>
  let front: FaultProxy

  beforeEach(async () => {
    http = createHttpServer((_request, response) => response.end('plain'))
    new WebSocketServer({ server: http }).on('connection', socket => socket.send('welcome'))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    front = await startFaultProxy(http.address() as AddressInfo)
  })
  afterEach(async () => {
    await front.close()
    http.closeAllConnections()
    await new Promise(resolve => http.close(resolve))
  })

  function open() {
    const socket = new WebSocket(front.wsUrl)
    const seen: { message?: string, status?: number, error?: string } = {}
    socket.on('message', data => seen.message = String(data))
    socket.on('unexpected-response', (_request, response) => seen.status = response.statusCode)
    socket.on('error', (error: NodeJS.ErrnoException) => seen.error = error.code ?? error.message)
    return { socket, seen }
  }

  it('tells them from other requests', async () => {
    const { seen } = open()
    await waitFor(() => seen.message === 'welcome')
    expect(await (await fetch(`${front.url}/api/rooms`)).text()).toBe('plain')
    expect(front.connections.map(connection => [connection.isWebSocket, connection.request])).toEqual([
      [true, 'GET /api/chat.ws HTTP/1.1'], [false, 'GET /api/rooms HTTP/1.1'],
    ])
  })

  it('refuses upgrades and lets other requests through', async () => {
    front.set({ upgrades: 'refuse' })
    const { seen } = open()
    await waitFor(() => seen.status === 403)
    expect((await fetch(front.url)).status).toBe(200)
    front.heal()
    const after = open()
    await waitFor(() => after.seen.message === 'welcome')
  })

  it('resets upgrades, or never answers them', async () => {
    front.set({ upgrades: 'reset' })
    const reset = open()
    await waitFor(() => reset.seen.error === 'ECONNRESET')
    front.set({ upgrades: 'hang' })
    const hung = open()
    await waitFor(() => front.connections.some(connection => connection.isWebSocket))
    expect((await fetch(front.url)).status).toBe(200)
    expect([hung.seen, hung.socket.readyState]).toEqual([{}, WebSocket.CONNECTING])
    hung.socket.terminate()
  })
})
