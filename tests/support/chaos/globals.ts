import { WebSocket } from 'ws'

/** The cookie that a browser would send to each server, by host and port. */
const cookies = new Map<string, string>()

/** VueUse opens sockets in pages and in workers. Node is neither, but all that a worker has and this needs is there. */
if (!('WorkerGlobalScope' in globalThis)) Object.assign(globalThis, { WorkerGlobalScope: Object })

const bareFetch = globalThis.fetch

/** A WebSocket with the cookie of its server, as in a browser. */
class CookieSocket extends WebSocket {
  constructor(url: string, protocols?: string | string[]) {
    const cookie = cookies.get(new URL(url).host)
    super(url, protocols, { perMessageDeflate: false, headers: cookie ? { cookie } : {} })
    // VueUse takes its listener away with the socket it gave up; one that then fails must not end the process.
    this.on('error', () => undefined)
  }
}

const cookieFetch: typeof fetch = (input, init) => {
  const request = new Request(input, init)
  const cookie = cookies.get(new URL(request.url).host)
  if (cookie) request.headers.set('cookie', cookie)
  return bareFetch(request)
}

Object.assign(globalThis, { WebSocket: CookieSocket, fetch: cookieFetch })

/** Lets every request and socket to this server carry a cookie. */
export function setCookie(server: { url: string }, cookie: string): void {
  cookies.set(new URL(server.url).host, cookie)
}
