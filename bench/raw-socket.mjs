import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'

const TEXT = 0x1
const CLOSE = 0x8
const PING = 0x9
const PONG = 0xA
const CLOSED = Buffer.from([0x88, 0x80, 0, 0, 0, 0])

/**
 * A WebSocket client as cheap as can be (RFC 6455), so that the load is never what is measured: it reads the lengths of frames,
 * and hands on their bytes without decoding them.
 *
 * @typedef {object} RawSocket
 * @property {(text: string) => void} send sends one masked text message
 * @property {() => void} close says goodbye and hangs up
 * @property {() => void} cut hangs up
 * @property {() => void} stall reads nothing any more
 * @property {(() => void) | undefined} onEnd told when the connection ends
 *
 * @param {string} url `http://host:port/path`
 * @param {Record<string, string>} headers sent with the handshake
 * @param {(payload: Buffer) => void} onText told of each text message; the bytes are only good during the call
 * @returns {Promise<RawSocket>}
 */
export function openRawSocket(url, headers, onText) {
  const { hostname, port, pathname, search, host } = new URL(url)
  const key = randomBytes(16).toString('base64')
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return new Promise((resolve, reject) => {
    let rest = Buffer.alloc(0)
    let open = false
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const raw = {
      /** @type {(() => void) | undefined} */
      onEnd: undefined,
      send: text => socket.write(frameOf(TEXT, Buffer.from(text))),
      close: () => socket.end(CLOSED),
      cut: () => socket.destroy(),
      stall: () => socket.pause(),
    }
    const end = () => open ? raw.onEnd?.() : reject(new Error(`no WebSocket at ${url}`))
    socket.on('error', () => undefined)
    socket.on('close', end)
    socket.on('connect', () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')
      socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${lines}\r\n`)
    })
    socket.on('data', (chunk) => {
      let bytes = rest.length ? Buffer.concat([rest, chunk]) : chunk
      if (!open) {
        const at = bytes.indexOf('\r\n\r\n')
        if (at < 0) return void (rest = bytes)
        const head = bytes.subarray(0, at).toString()
        if (!head.startsWith('HTTP/1.1 101') || !head.includes(accept)) {
          reject(new Error(head.split('\r\n')[0]))
          return void socket.destroy()
        }
        open = true
        bytes = bytes.subarray(at + 4)
        resolve(raw)
        rest = Buffer.from(bytes)
        // What came with the handshake is read once the caller holds the socket.
        return void queueMicrotask(() => rest = readFrames(rest))
      }
      rest = readFrames(bytes)
    })

    function readFrames(bytes) {
      let at = 0
      for (;;) {
        if (bytes.length - at < 2) break
        const short = bytes[at + 1] & 0x7F
        const header = short < 126 ? 2 : short === 126 ? 4 : 10
        if (bytes.length - at < header) break
        const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
        if (bytes.length - at < header + length) break
        const opcode = bytes[at] & 0x0F
        const payload = bytes.subarray(at + header, at + header + length)
        if (opcode === TEXT) onText(payload)
        else if (opcode === PING) socket.write(frameOf(PONG, payload))
        else if (opcode === CLOSE) socket.end()
        at += header + length
      }
      return at === bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at))
    }
  })
}

/** One masked frame. The mask is zero: allowed, and nothing to compute. */
function frameOf(opcode, payload) {
  const header = payload.length < 126 ? 6 : payload.length < 65_536 ? 8 : 14
  const bytes = Buffer.alloc(header + payload.length)
  bytes[0] = 0x80 | opcode
  if (header === 6) bytes[1] = 0x80 | payload.length
  if (header === 8) {
    bytes[1] = 0x80 | 126
    bytes.writeUInt16BE(payload.length, 2)
  }
  if (header === 14) {
    bytes[1] = 0x80 | 127
    bytes.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  payload.copy(bytes, header)
  return bytes
}
