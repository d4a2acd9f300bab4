import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStream } from '../../support/lines'
import { startServer } from '../../support/server'
import type { TestServer } from '../../support/server'
import { createUser, get, unique } from '../../support/session'
import type { TestUser } from '../../support/session'

let server: TestServer
let user: TestUser

beforeAll(async () => {
  server = await startServer()
  user = await createUser(server)
})
afterAll(() => server?.stop())

/** Sends a body without a declared length, as much of it as is taken up to `bytes`, and gives the status and what was taken. */
function pour(method: string, path: string, bytes: number): Promise<{ status: number, sent: number }> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(server.port, '127.0.0.1')
    const chunk = Buffer.from(`4000\r\n${' '.repeat(0x4000)}\r\n`)
    let sent = 0
    let head = ''
    const write = (): void => {
      while (sent < bytes && !socket.destroyed) {
        sent += chunk.length
        if (!socket.write(chunk)) return
      }
      if (sent >= bytes) socket.write('0\r\n\r\n')
    }
    socket.setEncoding('latin1').on('data', text => head += text).on('drain', write).on('error', () => undefined)
    socket.on('close', () => head ? resolve({ status: Number(head.split(' ')[1]), sent }) : reject(new Error('no answer')))
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nCookie: ${user.cookie}\r\nTransfer-Encoding: chunked\r\n\r\n`)
    write()
  })
}

async function peakMemory(): Promise<number> {
  return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1]) * 1024
}

/** As a browser: with a Host and headers that fetch does not let one set. */
function asBrowser(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${server.url}${path}`, { method, headers: { cookie: user.cookie, ...headers } }, (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    asked.on('error', reject).end()
  })
}

test('[HTTP-1] no method and no address, of pages and of none neither, takes in a body without end', async () => {
  await fetch(server.url)
  const before = await peakMemory()
  const each = 64 * 1024 * 1024
  for (const [method, path, status] of [
    ['POST', '/api/session', 413], ['PATCH', '/api/session', 413], ['DELETE', '/api/nowhere', 404], ['PUT', '/api/nowhere', 404],
    ['POST', '/api/chat/frames', 413], ['GET', '/api/rooms', 200], ['POST', '/', 405], ['PATCH', '/r/lobby', 405], ['PUT', '/nowhere', 405], ['POST', '/_nuxt/x.js', 405],
  ] as const) {
    const poured = await pour(method, path, each)
    expect([method, path, poured.status]).toEqual([method, path, status])
    expect(poured.sent, `${method} ${path}`).toBeLessThan(each)
  }
  // Ten times 64 MiB were to be sent.
  expect(await peakMemory() - before).toBeLessThan(96 * 1024 * 1024)
})

test('[HTTP-2] [SSE-1] a link of another page joins and makes no room', async () => {
  const room = unique('linked')
  const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const followed: Record<string, string>[] = [navigation, { ...navigation, 'sec-fetch-site': 'none' }, { accept: 'text/html,*/*;q=0.8' }, { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }]
  for (const headers of followed) {
    expect(await asBrowser(`/api/chat/stream?room=${room}`, headers)).toBe(403)
    expect(await asBrowser('/api/chat/poll?connection_id=x', headers)).toBe(403)
    expect(await asBrowser('/api/ai-agent/stream/x', headers)).toBe(403)
  }
  expect((await get(server, `/api/rooms/${room}`, user)).status).toBe(404)
  expect(await asBrowser('/', navigation)).toBe(200)
  const stream = await openStream(server, `room=${room}`, { as: user })
  expect((await get(server, `/api/rooms/${room}`, user)).status).toBe(200)
  stream.close()
})

test('[HTTP-2] [CON-1] a name that is made to lead here is not the server\'s own', async () => {
  for (const host of ['evil', `evil.example:${server.port}`]) {
    for (const path of ['/', '/api/rooms', '/api/session', '/api/chat/stream?room=lobby']) expect(await asBrowser(path, { host, origin: `http://${host}` }), path).toBe(421)
    expect(await asBrowser('/api/session', { host, origin: `http://${host}` }, 'POST')).toBe(421)
    expect(await asBrowser('/api/chat.ws', { host, 'origin': `http://${host}`, 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' })).toBe(421)
  }
  for (const host of ['localhost:1', '[::1]', '192.168.1.7:3000', 'nas.local']) expect(await asBrowser('/', { host }), host).toBe(200)
})

test('[HTTP-3] every refusal of the API says why in one form, and no answer is kept by anybody', async () => {
  for (const [method, path, body, status, code] of [
    ['GET', 'nowhere', undefined, 404, 'not_found'], ['PUT', 'session', '{}', 404, 'not_found'], ['GET', 'rooms/%zz', undefined, 404, 'not_found'],
    ['GET', 'chat.ws', undefined, 426, 'bad_frame'], ['POST', 'session', '{', 400, 'bad_frame'], ['POST', 'session', `${'['.repeat(99)}${']'.repeat(99)}`, 400, 'bad_frame'],
    ['PATCH', 'session', '{"name":"x"}', 401, 'unauthorized'], ['POST', 'session', ' '.repeat(5000), 413, 'too_large'], ['GET', '_nuxt_icon/lucide?icons=x', undefined, 404, 'not_found'],
  ] as const) {
    const response = await fetch(`${server.url}/api/${path}`, { method, body })
    expect([path, response.status, await response.json()]).toEqual([path, status, { code, message: expect.any(String), retryable: false }])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  }
  const answers = await Promise.all(['session', 'rooms', 'transport', 'ice-servers', 'ai-agent/sessions', 'health'].map(path => get(server, `/api/${path}`, user)))
  for (const { status, headers } of answers) expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
})
