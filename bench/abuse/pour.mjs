import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/**
 * Opens a TCP connection, says something, and pours the same bytes into it as fast as they are taken, until the other end or the time
 * ends it. What comes back is read and forgotten, but for its first line.
 *
 * @param {string} url `http://host:port`
 * @param {{ head: string, bytes: Buffer, until: number, afterAnswer?: boolean, opening?: Buffer }} what `until` by performance.now();
 *   with `afterAnswer` the pouring, `opening` first, waits for the first answer
 * @returns {Promise<{ status: string, poured: number }>}
 */
export function pour(url, { head, bytes, until, afterAnswer = false, opening }) {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let status = ''
    let poured = 0
    let ended = false
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const end = () => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      socket.destroy()
      resolve({ status, poured })
    }
    const timer = setTimeout(end, Math.max(0, until - performance.now()))
    const write = () => {
      while (!ended && performance.now() < until) {
        poured += bytes.length
        if (!socket.write(bytes)) return
      }
    }
    socket.on('error', end)
    socket.on('close', end)
    socket.on('drain', write)
    socket.on('connect', () => {
      socket.write(head)
      if (!afterAnswer) write()
    })
    socket.on('data', (chunk) => {
      if (status !== '') return
      status = chunk.toString('latin1').split('\r\n', 1)[0]
      if (!afterAnswer) return
      if (!status.includes(' 101 ')) return end()
      if (opening) socket.write(opening)
      write()
    })
  })
}

/** The head of a WebSocket's handshake. @param {Record<string, string>} headers */
export function upgradeHead(headers = {}, path = '/api/chat.ws') {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${lines}\r\n`
}

/** One masked text message, its mask zero (RFC 6455, section 5.2). @param {string} text */
export function textMessage(text) {
  const payload = Buffer.from(text)
  const short = payload.length < 126
  const bytes = Buffer.alloc((short ? 6 : 8) + payload.length)
  bytes[0] = 0x81
  bytes[1] = 0x80 | (short ? payload.length : 126)
  if (!short) bytes.writeUInt16BE(payload.length, 2)
  payload.copy(bytes, short ? 6 : 8)
  return bytes
}
