import { randomBytes } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { createError, isError, setResponseStatus } from 'h3'
import type { App, EventHandler, H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import { answer } from './answer'
import { compressed } from './compress'
import { isShared, PageCache, withNonce } from './page-cache'
import type { KeptPage } from './page-cache'
import { withOrigin } from './page-origin'
import { PageQueue } from './page-queue'

/** Pages that may wait to be rendered (see {@link PageQueueOptions}), and how long one may hold up the next. */
const QUEUE = { waiting: 256, perAddress: 16, perPerson: 4, perNetwork: 192, longestMs: 2_000 }

/** Headers of a response that are its own, and not the page's. */
const ITS_OWN = new Set(['content-security-policy', 'content-length', 'content-encoding', 'vary', 'set-cookie', 'date', 'connection', 'keep-alive', 'transfer-encoding'])

/** A room's address that no room can have; its page says so. */
const NO_ROOM = /^\/r\/(?![a-z0-9][a-z0-9-]{0,63}$)[^/]*$/i

declare module 'h3' {
  interface H3EventContext {
    /** The path of a page that all who are not signed in see alike. */
    sharedPage?: string
  }
}

/** Pages: rendered one at a time, those of visitors without a name from memory, and sent compressed. */
export class Pages {
  private readonly cache = new PageCache()
  private readonly queue = new PageQueue(QUEUE)

  /** @param render Nitro and all behind it */
  constructor(private readonly app: App, private readonly render: EventHandler) {}

  /**
   * @param person the id of who asks, if they are known
   * @throws ProtocolError `unavailable` where too many wait
   */
  async answer(event: H3Event, path: string, address: string, person: () => Promise<string | undefined>): Promise<void> {
    const { req, res } = event.node
    if (NO_ROOM.test(path)) res.statusCode = 404
    const shared = isShared(path, req.url ?? '', req.headers)
    const kept = shared ? await this.cache.find(path) : undefined
    if (kept) return sendKept(event, kept)
    if (shared) event.context.sharedPage = path
    const asker = shared ? undefined : await person()
    const turn = (): Promise<void> => this.queue.run(address, () => res.destroyed, () => this.renderAll(event), asker)
    await (shared ? this.cache.renewing(path, turn) : turn())
  }

  /** What is to be done with a page just before it leaves: kept, if all see it alike, and compressed. */
  async leaving(event: H3Event, response: { body?: unknown }): Promise<void> {
    const { req, res } = event.node
    if (typeof response.body !== 'string' || '__unenv__' in req || res.headersSent || !String(res.getHeader('content-type')).startsWith('text/html')) return
    const { sharedPage } = event.context
    const nonce = (event.context as { security?: { nonce?: string } }).security?.nonce
    if (sharedPage !== undefined && nonce && res.statusCode === 200 && !res.hasHeader('set-cookie')) {
      const headers = Object.fromEntries(Object.entries(res.getHeaders()).filter(([name]) => !ITS_OWN.has(name)).map(([name, value]) => [name, String(value)]))
      this.cache.keep(sharedPage, { html: response.body, csp: String(res.getHeader('content-security-policy') ?? ''), headers }, nonce)
    }
    const { body, encoding } = await compressed(withOrigin(response.body, req.headers, isEncrypted(req)), req.headers['accept-encoding']?.toString())
    res.appendHeader('Vary', 'Accept-Encoding')
    if (encoding) res.setHeader('Content-Encoding', encoding)
    response.body = body
  }

  /** Renders a page, and the page that says what is wrong with it, which costs as much, in the same turn. */
  private async renderAll(event: H3Event): Promise<void> {
    try {
      await this.render(event)
    } catch (thrown) {
      if (thrown instanceof ProtocolError) throw thrown
      const error = createError(thrown as Error)
      if (!isError(thrown)) error.unhandled = true
      setResponseStatus(event, error.statusCode, error.statusMessage)
      await this.app.options.onError?.(error, event)
      if (!event.handled) throw thrown
    }
  }
}

const isEncrypted = ({ socket }: { socket: unknown }): boolean => (socket as Partial<TLSSocket>).encrypted === true

async function sendKept(event: H3Event, kept: KeptPage): Promise<void> {
  const { req, res } = event.node
  const { html, csp } = withNonce(kept, randomBytes(18).toString('base64'))
  const { body, encoding } = await compressed(withOrigin(html, req.headers, isEncrypted(req)), req.headers['accept-encoding']?.toString())
  answer(req, res, 200, { ...kept.headers, 'content-security-policy': csp, 'vary': 'Accept-Encoding', ...(encoding && { 'content-encoding': encoding }) }, body)
}
