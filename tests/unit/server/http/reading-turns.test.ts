import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { paceReading, ReadingTurns } from '../../../../server/http/reading-turns'
import type { Rounds } from '../../../../server/limits/rounds'

const servers: Server[] = []
const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

async function serve(listener: RequestListener, rounds?: Rounds) {
  const server = createServer(listener)
  const turns = new ReadingTurns(rounds)
  servers.push(server)
  paceReading(server, 'connection', turns)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const say = async (bytes: string | Buffer): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    socket.write(bytes)
    return socket
  }
  return { server, turns, port, say }
}

/** Rounds of the event loop that go on when the test says so, and a clock that says that each slice took long. */
function slowRounds() {
  const waiting: (() => void)[] = []
  let clock = 0
  return { rounds: { now: () => clock += 5, next: (round: () => void) => void waiting.push(round) }, go: () => waiting.splice(0).forEach(round => round()) }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const tiny = `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(8000)}0\r\n\r\n`

describe('what one connection brought at once', () => {
  it('[CON-13] requests without end: one slice of them is taken apart in a round, and none once the connection was closed', async () => {
    const { rounds, go } = slowRounds()
    let asked = 0
    const { say, turns } = await serve((request) => {
      if (++asked === 40) request.socket.destroy()
    }, rounds)
    const socket = await say(get('/').repeat(1500))
    await expect.poll(() => turns.size).toBe(1)
    const closed = once(socket.resume(), 'close')
    go()
    const inOne = asked
    expect(inOne).toBeLessThan(40)
    go()
    expect(asked).toBeGreaterThan(inOne)
    await closed
    const inAll = asked
    expect(inAll).toBeLessThan(80)
    for (let n = 0; n < 10; n++) go()
    expect([asked, turns.size]).toEqual([inAll, 0])
  })

  it('[CON-13] a body in the smallest pieces is taken apart by turns, and one who has little to say is in between', async () => {
    const { rounds, go } = slowRounds()
    let pieces = 0
    const heard: string[] = []
    const { say, turns } = await serve((request, response) => {
      heard.push(request.url ?? '')
      request.on('data', () => pieces++).on('end', () => response.end('.'))
    }, rounds)
    await say(tiny)
    await expect.poll(() => turns.size).toBe(1)
    go()
    await expect.poll(() => pieces).toBeGreaterThan(0)
    expect(pieces).toBeLessThan(1024 / 6)
    await say(get('/other'))
    await expect.poll(() => turns.size).toBe(2)
    go()
    go()
    expect(heard).toContain('/other')
    expect(pieces).toBeLessThan(3 * 1024 / 6)
  })
})

describe('who reads a connection', () => {
  it('gets all of it in order, however it was cut, and stops it when it has enough', async () => {
    const body = randomBytes(3_000_000)
    const { port } = await serve((request, response) => {
      const digest = createHash('sha256')
      let stops = 0
      request.on('data', (chunk: Buffer) => {
        digest.update(chunk)
        if (++stops % 7 !== 0) return
        request.pause()
        setImmediate(() => request.resume())
      }).on('end', () => response.end(digest.digest('hex')))
    })
    const url = `http://127.0.0.1:${port}/`
    const answers = await Promise.all(Array.from({ length: 4 }, () => fetch(url, { method: 'POST', body }).then(response => response.text())))
    expect(new Set(answers)).toEqual(new Set([createHash('sha256').update(body).digest('hex')]))
  })

  it('keeps the network waiting while it does not read', async () => {
    let paused: Socket | undefined
    const { say } = await serve((request) => {
      paused = request.socket
      request.pause()
    })
    const socket = await say(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n`)
    const flood = Buffer.alloc(1_000_000)
    let poured = 0
    while (socket.write(flood) || poured < 60_000_000) {
      poured += flood.length
      if (poured >= 60_000_000) break
    }
    await expect.poll(() => paused?.isPaused()).toBe(true)
    expect(paused!.bytesRead).toBeLessThan(1_000_000)
  })

  it('answers small requests of one connection one after the other, also those that came together', async () => {
    const { say } = await serve((request, response) => response.end(request.url))
    const socket = await say(['/a', '/b', '/c'].map(get).join(''))
    let heard = ''
    socket.on('data', bytes => heard += String(bytes))
    await expect.poll(() => heard.match(/\/[abc]$/m)?.[0]).toBe('/c')
    expect(heard.match(/\/[abc]/g)).toEqual(['/a', '/b', '/c'])
    socket.write(get('/d'))
    await expect.poll(() => heard.endsWith('/d')).toBe(true)
  })

  it('an upgraded connection goes on with what came behind its handshake, and is paused as its reader wants', async () => {
    const wss = new WebSocketServer({ noServer: true })
    const heard: string[] = []
    const { server, port } = await serve((_request, response) => response.end())
    server.on('upgrade', (request, socket, head) => setImmediate(() => wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on('message', (data) => {
        heard.push(String(data).slice(0, 8))
        if (heard.length % 10 !== 0) return
        ws.pause()
        setImmediate(() => ws.resume())
      })
      ws.on('close', () => heard.push('closed'))
    })))
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    await once(client, 'open')
    for (let n = 0; n < 500; n++) client.send(`${String(n).padStart(8)}${n % 50 === 0 ? 'x'.repeat(50_000) : ''}`)
    client.close()
    await expect.poll(() => heard.length).toBe(501)
    expect(heard.slice(0, 500).map(Number)).toEqual(Array.from({ length: 500 }, (_, n) => n))
    expect(heard.at(-1)).toBe('closed')
  })
})
