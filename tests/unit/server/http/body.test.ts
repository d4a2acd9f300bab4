import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProtocolError } from '../../../../shared/protocol/errors'
import { answer, answerRefusal, boundRest } from '../../../../server/http/answer'
import { BodyShares, readRequestText } from '../../../../server/http/body'
import { waitFor } from '../../../support/wait'

const MAX = 1000
let shares: BodyShares
let port: number
let requests: IncomingMessage[]
const sockets: Socket[] = []

/** A server that reads POSTs and nothing else. */
const server = createServer((request, response) => {
  requests.push(request)
  boundRest(request, response)
  if (request.method !== 'POST') return answer(request, response, 404, {}, 'nothing here')
  readRequestText(request, { maxBytes: MAX, address: 'a', shares }).then(
    text => answer(request, response, 200, {}, `${text.length} read`),
    (error: unknown) => answerRefusal(request, response, error instanceof ProtocolError ? error : new ProtocolError('internal', String(error))),
  )
})

beforeEach(async () => {
  shares = new BodyShares({ total: 2 * MAX, perAddress: 2 * MAX })
  requests = []
  if (!server.listening) await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  vi.useRealTimers()
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Writes a request by hand and collects what comes back. */
function send(head: string, method = 'POST'): { socket: Socket, received: () => string, closed: () => boolean } {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  let gone = false
  socket.setEncoding('utf8').on('data', chunk => text += chunk)
  socket.on('error', () => undefined).on('close', () => gone = true)
  socket.write(`${method} / HTTP/1.1\r\nHost: localhost\r\n${head}\r\n\r\n`)
  return { socket, received: () => text, closed: () => gone }
}

/** Sends chunks without end, as fast as they are taken. */
async function flood(socket: Socket): Promise<number> {
  const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`
  const gone = new Promise<void>(resolve => socket.once('close', () => resolve()))
  let sent = 0
  while (!socket.destroyed && sent < 256 * 1024 * 1024) {
    sent += chunk.length
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), gone])
  }
  return sent
}

describe('a limit counts what is read, not what is declared', () => {
  it.each(['POST', 'PATCH', 'GET', 'DELETE', 'PUT'])('%s with a body without end is answered, read no further and closed', async (method) => {
    const line = send('Transfer-Encoding: chunked', method)
    const sent = flood(line.socket)
    await waitFor(() => line.received().includes('\r\n\r\n'))
    expect(line.received()).toMatch(method === 'POST' ? /^HTTP\/1.1 413 [\s\S]*Connection: close[\s\S]*"code":"too_large"/ : /^HTTP\/1.1 404/)
    await waitFor(line.closed, { timeout: 10_000 })
    // What the network holds, and no more.
    expect(await sent).toBeLessThan(32 * 1024 * 1024)
    expect(shares.held).toBe(0)
    // What was taken from the connection did not stay: nobody listens, nothing is buffered.
    expect(requests.at(-1)!.readableLength).toBeLessThanOrEqual(64 * 1024)
  })

  it('refuses by the declared length before a byte of it came', async () => {
    const line = send('Content-Length: 100000000')
    await waitFor(() => /^HTTP\/1.1 413 /.test(line.received()))
    await waitFor(line.closed, { timeout: 10_000 })
  })

  it('takes a body of exactly its bound, in pieces, and keeps the connection', async () => {
    const line = send(`Content-Length: ${MAX}`)
    for (let i = 0; i < 4; i++) line.socket.write('é'.repeat(MAX / 8))
    await waitFor(() => /^HTTP\/1.1 200 [\s\S]*500 read/.test(line.received()))
    line.socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx')
    await waitFor(() => line.received().endsWith('1 read'))
    expect(line.closed()).toBe(false)
  })

  it.each(['gzip', 'br', 'deflate', 'x-unknown'])('refuses a body compressed by %s, whose size nobody knows', async (encoding) => {
    const line = send(`Content-Encoding: ${encoding}\r\nContent-Length: 5`)
    line.socket.write('12345')
    await waitFor(() => /^HTTP\/1.1 415 /.test(line.received()))
  })

  it('refuses what is not UTF-8', async () => {
    const line = send('Content-Length: 2')
    line.socket.write(Buffer.from([0xC3, 0x28]))
    await waitFor(() => /^HTTP\/1.1 400 /.test(line.received()))
  })
})

describe('bodies of all requests together', () => {
  it('have one bound, and what is refused or abandoned gives back what it held', async () => {
    const open = Array.from({ length: 2 }, () => send(`Content-Length: ${MAX}`))
    for (const { socket } of open) socket.write('x'.repeat(MAX - 1))
    await waitFor(() => shares.held === 2 * (MAX - 1))
    const third = send('Content-Length: 10')
    third.socket.write('x'.repeat(10))
    await waitFor(() => /^HTTP\/1.1 429 [\s\S]*Retry-After: 1/.test(third.received()))
    open[0]!.socket.destroy()
    await waitFor(() => shares.held === MAX - 1)
    open[1]!.socket.write('x')
    await waitFor(() => /^HTTP\/1.1 200 /.test(open[1]!.received()))
    expect(shares.held).toBe(0)
  })

  it('leave room for other addresses', () => {
    const both = new BodyShares({ total: 10, perAddress: 6 })
    expect([both.take('a', 6), both.take('a', 1), both.take('b', 5), both.take('b', 4)]).toEqual([true, false, false, true])
    both.give('a', 6)
    expect(both.take('b', 2)).toBe(true)
  })
})

it('a body that trickles in has a bound on its time, and one that comes at a fair speed has more of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const listeners = new Map<string, (value?: unknown) => void>()
  const request = {
    headers: {}, destroyed: false, complete: false, pause: () => undefined,
    on: (name: string, listener: () => void) => (listeners.set(name, listener), request),
    off: () => request,
  }
  const read = (maxBytes: number) => readRequestText(request as unknown as IncomingMessage, { maxBytes, address: 'a', shares: new BodyShares({ total: 1e9, perAddress: 1e9 }) }).then(() => 200, (error: { status?: number }) => error.status)
  const slow = read(MAX)
  for (let second = 0; second < 16; second++) {
    listeners.get('data')!(Buffer.from('x'))
    await vi.advanceTimersByTimeAsync(1000)
  }
  expect(await slow).toBe(408)
  const fair = read(1e9)
  for (let second = 0; second < 60; second++) {
    listeners.get('data')!(Buffer.alloc(32 * 1024))
    await vi.advanceTimersByTimeAsync(1000)
  }
  listeners.get('end')!()
  expect(await fair).toBe(200)
})
