import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { createParser } from 'eventsource-parser'
import { WebSocket } from 'ws'

/**
 * A client of the wire as bare as can be, for loads: one connection over one transport.
 *
 * @typedef {object} Line
 * @property {string} id the connection's id
 * @property {(frame: Record<string, unknown>) => Promise<void> | void} send
 * @property {() => void} cut ends the connection without a word
 * @property {() => void} [stall] stops reading, where there is one socket to stop
 */

/** Limits out of the way, for a load that comes from one address. */
export const ROOMY = {
  NUXT_LIMITS_CONNECTIONS_PER_ADDRESS: '100000',
  NUXT_LIMITS_CONNECTIONS_PER_USER: '100000',
  NUXT_LIMITS_FRAME_RATE: '100000',
  NUXT_LIMITS_PERSON_MB_PER_DAY: '100000',
  NUXT_LIMITS_ADDRESS_MB_PER_DAY: '100000',
  NUXT_LIMITS_FRAME_BURST: '100000',
  NUXT_LIMITS_CHAT_RATE: '100000',
  NUXT_LIMITS_CHAT_BURST: '100000',
  NUXT_LIMITS_SESSIONS_PER_MINUTE: '100000',
  NUXT_LIMITS_ROOMS_PER_MINUTE: '100000',
}

// Its own and not fetch's, which keeps connections open for as long as the server allows and tells nobody how to end them.
const agent = new Agent({ keepAlive: true })

/**
 * Asks with as little between the load and the wire as a WebSocket has.
 *
 * @param {string} url
 * @param {{ method?: string, token?: string, body?: object, signal?: AbortSignal }} [options]
 * @returns {Promise<import('node:http').IncomingMessage>}
 */
function ask(url, { method = 'GET', token, body, signal } = {}) {
  const text = body && JSON.stringify(body)
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(text && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }) }
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers, signal }, resolve).on('error', reject).end(text)
  })
}

/** @param {string} url @param {Parameters<typeof ask>[1]} [options] @returns {Promise<any>} */
async function askJson(url, options) {
  return json(await ask(url, options))
}

/** Makes a guest. @returns {Promise<string>} its token */
export async function guest(url, name) {
  const { token } = await askJson(`${url}/api/session`, { method: 'POST', body: { name } })
  return token
}

/** Ends the idle connections that requests left open. */
export function closeIdle() {
  agent.destroy()
}

function postTo(url, token, id) {
  return async (frame) => {
    const response = await ask(`${url}/api/chat/frames`, { method: 'POST', token, body: { connection_id: id, frames: [frame] } })
    response.resume()
    await once(response, 'end')
  }
}

function openWebSocket(url, token, join, onFrame) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat.ws`, { headers: { authorization: `Bearer ${token}` } })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => socket.send(JSON.stringify({ type: 'join', ...join })))
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data))
      onFrame(frame)
      if (frame.type === 'connection.established') resolve({ id: frame.connection_id, send: next => socket.send(JSON.stringify(next)), cut: () => socket.terminate(), stall: () => socket.pause() })
    })
  })
}

function queryOf({ room, from_seq }) {
  return new URLSearchParams({ room, ...(from_seq !== undefined && { from_seq }) })
}

async function openStream(url, token, join, onFrame) {
  const response = await ask(`${url}/api/chat/stream?${queryOf(join)}`, { token })
  if (response.statusCode !== 200) throw new Error(`stream: ${response.statusCode}`)
  response.setEncoding('utf8')
  response.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    response.on('close', () => reject(new Error('stream: closed')))
    const parser = createParser({
      onEvent: ({ data }) => {
        const frame = JSON.parse(data)
        onFrame(frame)
        if (frame.type === 'connection.established') resolve({ id: frame.connection_id, send: postTo(url, token, frame.connection_id), cut: () => response.destroy() })
      },
    })
    response.on('data', text => parser.feed(text))
  })
}

async function openPoll(url, token, join, onFrame) {
  const gone = new AbortController()
  const { connection_id, frames } = await askJson(`${url}/api/chat/poll?${queryOf(join)}`, { method: 'POST', token })
  frames.forEach(onFrame)
  let after = 0
  const poll = async () => {
    while (!gone.signal.aborted) {
      const polled = await askJson(`${url}/api/chat/poll?connection_id=${connection_id}&after=${after}&wait_ms=20000`, { token, signal: gone.signal })
      after = polled.next
      polled.frames.forEach(onFrame)
    }
  }
  poll().catch(error => gone.signal.aborted || Promise.reject(error))
  return { id: connection_id, send: postTo(url, token, connection_id), cut: () => gone.abort() }
}

const OPEN = { websocket: openWebSocket, sse: openStream, polling: openPoll }

/**
 * Connects and joins one room.
 *
 * @param {'websocket' | 'sse' | 'polling'} transport
 * @param {string} url the server's address
 * @param {string} token
 * @param {{ room: string, from_seq?: number }} join
 * @param {(frame: Record<string, any>) => void} onFrame
 * @returns {Promise<Line>}
 */
export function openLine(transport, url, token, join, onFrame) {
  return OPEN[transport](url, token, join, onFrame)
}
