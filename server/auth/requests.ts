import type { IncomingHttpHeaders } from 'node:http'
import { askedHost } from './hosts'
import { networkOf } from './network'

export const SESSION_COOKIE = 'lastra_session'

/** The tokens a request carries: `Authorization: Bearer` first, then the session cookie. */
export function tokensOf(headers: IncomingHttpHeaders): string[] {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const cookies = (headers.cookie ?? '').split(';').map(pair => pair.split('=', 2))
    .filter(([name, value]) => name?.trim() === SESSION_COOKIE && value).map(([, value]) => value!.trim())
  return [...bearer === undefined ? [] : [bearer], ...cookies.slice(0, 1)]
}

/** The token by which a request says who it is from: the first one it carries. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  return tokensOf(headers)[0]
}

/**
 * The address a request came from, as it is counted: an IPv4 address or the network of an IPv6 one (CON-6). Behind a trusted proxy it is the last one the proxy wrote; anything before that a
 * client could have written itself.
 */
export function addressOf(headers: IncomingHttpHeaders, socketAddress: string | undefined, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers['x-forwarded-for']?.toString().split(',').at(-1)?.trim() : undefined
  return networkOf(forwarded || socketAddress || 'unknown')
}

/** A request's own scheme, where it is known: of an encrypted socket, or as a trusted proxy wrote it. */
function schemeOf(headers: IncomingHttpHeaders, options: { trustProxy: boolean, encrypted?: boolean }): string | undefined {
  if (options.encrypted) return 'https:'
  const forwarded = options.trustProxy ? headers['x-forwarded-proto']?.toString().split(',').at(-1)?.trim().toLowerCase() : undefined
  return forwarded === 'https' || forwarded === 'http' ? `${forwarded}:` : undefined
}

/**
 * Whether a request may come from where it says it does: from no browser page, from the server's own origin, or from
 * one on the allow-list (CON-1). Its scheme counts where it is known; an unnamed port is the scheme's own.
 *
 * @param options `encrypted`: whether the connection itself is
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, options: { allowedOrigins: ReadonlySet<string>, trustProxy: boolean, encrypted?: boolean }): boolean {
  const { origin } = headers
  if (origin === undefined) return true
  if (options.allowedOrigins.has(origin)) return true
  const host = askedHost(headers, options.trustProxy)
  if (host === undefined || !URL.canParse(origin)) return false
  const { protocol, host: from } = new URL(origin)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  const scheme = schemeOf(headers, options)
  if (scheme !== undefined && scheme !== protocol) return false
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === from
}
