import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PostedTransport } from '../../server/realtime/transports/posted'

/** A server of one route each: what a transport's own test needs of HTTP, over real sockets. */
export interface HttpLine {
  url: string
  /** What clients posted and the transport let in, in order. */
  arrived: string[]
  /** Posts without waiting for the answer. */
  post: (text: string) => void
  close: () => Promise<void>
}

/**
 * @param get answers the client's GET requests
 * @param transport the transport, once there is one: it says when posts may be taken
 */
export async function createHttpLine(get: (request: IncomingMessage, response: ServerResponse) => void, transport: () => PostedTransport): Promise<HttpLine> {
  const arrived: string[] = []
  const server = createServer((request, response) => {
    if (request.method === 'GET') get(request, response)
    else void take(request, response)
  })
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk as string
    await transport().reading()
    arrived.push(text)
    response.end()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let posted: Promise<unknown> = Promise.resolve()
  return {
    url,
    arrived,
    post(text) {
      // One after the other, as every client of the contract does.
      posted = posted.then(() => fetch(url, { method: 'POST', body: text }).then(response => response.text())).catch(() => undefined)
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
