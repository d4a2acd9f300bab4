import { connect } from 'node:net'

/**
 * An HTTP client as cheap as can be (RFC 9112), beside {@link openRawSocket}: one connection, requests one after another without
 * waiting for the answers before them, answers with a length or in chunks.
 *
 * @typedef {object} RawHttp
 * @property {(method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<{ status: number, head: string, body: Buffer }>} ask
 * @property {(path: string, headers: Record<string, string>, onBytes: (bytes: Buffer) => void) => Promise<void>} stream asks for an answer without end;
 *   settles with its head, and hands on its body as it comes, as bytes that are only good during the call
 * @property {() => void} cut hangs up
 * @property {() => void} stall reads nothing any more
 *
 * @param {string} url `http://host:port`
 * @returns {Promise<RawHttp>}
 */
export function openRawHttp(url) {
  const { hostname, port, host } = new URL(url)
  const waiting = []
  let over = false
  let rest = Buffer.alloc(0)
  let answer

  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const request = (method, path, headers, body, asked) => {
      const lines = Object.entries({ ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) }).map(([name, value]) => `${name}: ${value}\r\n`).join('')
      waiting.push(asked)
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n${body ?? ''}`)
    }
    socket.on('error', reject)
    socket.on('connect', () => resolve({
      ask: (method, path, headers = {}, body = undefined) => new Promise((settle, fail) => request(method, path, headers, body, { settle, fail })),
      stream: (path, headers, onBytes) => new Promise((settle, fail) => request('GET', path, headers, undefined, { settle, fail, onBytes })),
      cut() {
        over = true
        socket.destroy()
      },
      stall: () => socket.pause(),
    }))
    socket.on('data', (chunk) => {
      rest = rest.length ? Buffer.concat([rest, chunk]) : chunk
      let at = 0
      for (let taken; (taken = take(rest.subarray(at))) > 0;) at += taken
      // What stays is copied: it would hold on to all that came with it.
      rest = at === rest.length ? Buffer.alloc(0) : Buffer.from(rest.subarray(at))
    })
    // One that hung up itself waits for nothing any more.
    socket.on('close', () => over || waiting.splice(0).forEach(({ fail }) => fail(new Error(`${url} hung up`))))
  })

  /** Takes the next whole piece of an answer. @returns {number} how many bytes that was, 0 when there is none yet */
  function take(bytes) {
    if (!answer) return takeHead(bytes)
    if (answer.left > 0) return takeBody(bytes)
    return takeChunkLine(bytes)
  }

  function takeHead(bytes) {
    const end = bytes.indexOf('\r\n\r\n')
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end)
    const status = Number(head.slice(9, 12))
    const asked = waiting[0]
    const chunked = /^transfer-encoding: *chunked/im.test(head)
    const length = /^content-length: *(\d+)/im.exec(head)?.[1]
    // A stream with neither goes on until somebody hangs up.
    const left = chunked ? 0 : Number(length ?? (asked.onBytes && status === 200 ? Infinity : 0))
    answer = { status, head, asked, chunked, left, pieces: [] }
    if (asked.onBytes && status === 200) asked.settle()
    if (!chunked && left === 0) finish()
    return end + 4
  }

  function takeBody(bytes) {
    const piece = bytes.subarray(0, answer.left)
    if (piece.length === 0) return 0
    answer.left -= piece.length
    if (answer.asked.onBytes && answer.status === 200) answer.asked.onBytes(piece)
    else answer.pieces.push(Buffer.from(piece))
    if (answer.left === 0 && !answer.chunked) finish()
    return piece.length
  }

  /** The line before a chunk, with the end of the chunk before it. */
  function takeChunkLine(bytes) {
    const from = bytes[0] === 0x0D ? 2 : 0
    const end = bytes.indexOf('\r\n', from)
    if (end < 0) return 0
    const length = Number.parseInt(bytes.toString('latin1', from, end), 16)
    if (length > 0) {
      answer.left = length
      return end + 2
    }
    if (bytes.length < end + 4) return 0
    finish()
    return end + 4
  }

  function finish() {
    const { status, head, asked, pieces } = answer
    answer = undefined
    waiting.shift()
    if (asked.onBytes) asked.fail(new Error(`the stream ended: ${head.split('\r\n')[0]}`))
    else asked.settle({ status, head, body: pieces.length === 1 ? pieces[0] : Buffer.concat(pieces) })
  }
}
