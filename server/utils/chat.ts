import type { H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import type { Identity } from '../auth/types'
import { tokenOf } from '../auth/requests'
import type { Lastra } from '../lastra'

/**
 * Who a request of a chat connection is from. These are counted apart from page requests, and generously, because
 * each connection counts its frames itself (CON-6).
 *
 * @throws ProtocolError `unauthorized`, or `rate_limited` for one who asks too often
 */
export async function requireChatIdentity(event: H3Event, lastra: Lastra): Promise<Identity> {
  const token = tokenOf(event.node.req.headers)
  const identity = token === undefined ? undefined : await lastra.identities.verify(token)
  const wait = lastra.exchanges.take(identity?.user.id ?? requestAddress(event, lastra), performance.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'too many requests', { retryAfterMs: wait })
  if (!identity) throw new ProtocolError('unauthorized', 'sign in first')
  return identity
}

/**
 * A request's body as text, read no further than it may be long.
 *
 * @param maxBytes bytes of UTF-8
 * @throws ProtocolError `too_large`
 */
export async function readText(event: H3Event, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of event.node.req as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      // What is left of the body is not read: the connection cannot carry another request.
      setResponseHeader(event, 'Connection', 'close')
      throw new ProtocolError('too_large', `body: must be at most ${maxBytes} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** Answers with JSON that is text already. */
export function sendJson(event: H3Event, json: string): string {
  setResponseHeader(event, 'Content-Type', 'application/json')
  setResponseHeader(event, 'Cache-Control', 'no-store')
  return json
}
