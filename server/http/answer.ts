import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { refusalBody, statusOf } from './http-error'

/** What a connection may still bring of a body nobody reads, after its request was answered. */
const REST_BYTES = 64 * 1024

/**
 * Whether a request goes on that nobody reads any further: more of it may come than is worth reading to keep the connection.
 * A short rest of known length is read and thrown away instead.
 */
function hasUnreadBody(request: IncomingMessage): boolean {
  if (request.complete) return false
  const declared = request.headers['content-length']
  return declared === undefined ? request.headers['transfer-encoding'] !== undefined : Number(declared) > REST_BYTES
}

/**
 * Sends an answer that is complete. Where the request's body was not read to its end, the connection is closed, but not before the
 * client had time to read the answer: closing at once would reset the connection, and the answer with it (RFC 9112, section 9.6).
 */
export function answer(request: IncomingMessage, response: ServerResponse, status: number, headers: OutgoingHttpHeaders, body: string | Buffer): void {
  if (response.headersSent || response.destroyed) return
  const length = { ...headers, 'Content-Length': Buffer.byteLength(body) }
  if (!hasUnreadBody(request)) {
    response.writeHead(status, length).end(body)
    return
  }
  response.writeHead(status, { ...length, Connection: 'close' })
  response.write(body)
  let rest = 0
  const end = setTimeout(() => response.end(), LIMITS.lingerMs)
  const done = (): void => {
    clearTimeout(end)
    response.end()
  }
  request.on('data', (chunk: Buffer) => {
    rest += chunk.length
    if (rest > REST_BYTES) request.pause()
  }).once('end', done).once('close', done).resume()
}

/** Answers a request of the API with a refusal: `{ code, message, retryable, retry_after_ms? }`, and `Retry-After` (FRM-4). */
export function answerRefusal(request: IncomingMessage, response: ServerResponse, error: ProtocolError): void {
  answer(request, response, statusOf(error), {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    ...(error.retryAfterMs !== undefined && { 'Retry-After': Math.max(1, Math.ceil(error.retryAfterMs / 1000)) }),
  }, JSON.stringify(refusalBody(error)))
}

/** Bounds what is left of a request after its answer, whoever answered: what goes on for longer is cut. */
export function boundRest(request: IncomingMessage, response: ServerResponse): void {
  response.once('finish', () => {
    if (request.complete) return
    const cut = setTimeout(() => request.socket.destroy(), LIMITS.lingerMs)
    cut.unref()
    request.once('close', () => clearTimeout(cut))
  })
}
