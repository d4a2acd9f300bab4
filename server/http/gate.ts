import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { ProtocolError } from '#shared/protocol/errors'
import { isHostAllowed } from '../auth/hosts'
import type { HostOptions } from '../auth/hosts'
import { isOriginAllowed } from '../auth/requests'
import { HttpError } from './http-error'

/** A request as the gate sees it. */
export interface Asked {
  method: string
  /** Decoded, without the query. */
  path: string
  headers: IncomingHttpHeaders
  localAddress?: string
  encrypted?: boolean
}

export interface GateOptions extends HostOptions {
  allowedOrigins: ReadonlySet<string>
  /** Whether the server is on its way down. */
  draining: boolean
}

const READS = new Set(['GET', 'HEAD'])
const SAFE = new Set([...READS, 'OPTIONS'])

/**
 * The addresses whose GET changes something: it opens a line, and with it joins a room or makes one, acknowledges what came, or lets
 * an agent start. Every other GET under `/api/` only reads; a test holds this list against the routes.
 */
export const CHANGING_GETS = /^\/api\/(?:chat\/(?:stream|poll|lines\/stream)|ai-agent\/stream\/[^/]+)\/?$/

/** What watches whether the server lives asks by whatever name it knows. */
const HEALTH = '/api/health'

/** Parts of Nuxt that answer what nobody here asks for: pieces of pages on demand, and icons fetched from elsewhere. */
const UNUSED = /^\/(?:__nuxt_|api\/_nuxt_icon(?:\/|$))/

/** What those who are connected go on using until their goodbye: their lines, and the log that fills their gaps. */
const THEIRS = /^\/api\/(?:chat\/|rooms\/|health\b)/
const RETRY_AFTER_MS = 10_000

/**
 * Decides whether a request is looked at: one table for pages, files and the API, before any of them.
 *
 * @returns why not; nothing where it may pass
 */
export function refusalAtGate(asked: Asked, options: GateOptions): ProtocolError | undefined {
  const { method, path, headers } = asked
  const isApi = path.startsWith('/api/')
  if (path !== HEALTH && !isHostAllowed(asked, options)) {
    return new HttpError(421, 'forbidden', 'this server does not answer to that name; whoever runs it can add it to NUXT_ALLOWED_HOSTS')
  }
  if (UNUSED.test(path)) return new ProtocolError('not_found', 'there is nothing at this address')
  if (!isApi && !READS.has(method)) return new HttpError(405, 'bad_frame', `this address does not take ${method}`)
  if (options.draining && !THEIRS.test(path)) return new ProtocolError('unavailable', 'the server is restarting', { retryAfterMs: RETRY_AFTER_MS })
  if (!isApi) return undefined
  if (SAFE.has(method) && !CHANGING_GETS.test(path)) return undefined
  if (!isOriginAllowed(headers, { ...options, encrypted: asked.encrypted })) return new ProtocolError('forbidden', 'this origin may not come here')
  return isFollowed(headers, options) ? new ProtocolError('forbidden', 'this address is for programs and our own pages, not for links') : undefined
}

/**
 * Whether a request that changes something is one that a page of somebody else's can cause without having an `Origin`: a link, a
 * form, a picture, which carry the cookie too (Fetch Metadata: https://www.w3.org/TR/fetch-metadata/). Browsers say where a request
 * comes from only to secure addresses; what they accept tells the opening of a page everywhere. None of these can bring
 * `Authorization`, and who sends none of it is no browser.
 */
function isFollowed(headers: IncomingHttpHeaders, { allowedOrigins }: GateOptions): boolean {
  if (headers.authorization !== undefined) return false
  if (headers['sec-fetch-mode'] === 'navigate' || headers.accept?.includes('text/html')) return true
  const site = headers['sec-fetch-site']
  const isKnown = headers.origin !== undefined && allowedOrigins.has(headers.origin)
  return site !== undefined && site !== 'same-origin' && site !== 'none' && !isKnown
}

const CORS = {
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, last-event-id',
  'Access-Control-Expose-Headers': 'retry-after',
  'Access-Control-Max-Age': '600',
}

/** The headers by which a page of an origin on the allow-list may read an answer of the API. */
export function corsHeaders({ path, headers }: Pick<Asked, 'path' | 'headers'>, allowedOrigins: ReadonlySet<string>): OutgoingHttpHeaders | undefined {
  const { origin } = headers
  if (origin === undefined || !allowedOrigins.has(origin) || !path.startsWith('/api/')) return undefined
  return { ...CORS, 'Access-Control-Allow-Origin': origin, 'Vary': 'Origin' }
}
