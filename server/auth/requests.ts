import type { IncomingHttpHeaders } from 'node:http'
import { networkOf } from './network'

export const SESSION_COOKIE = 'lastra_session'

/** The token a request carries: `Authorization: Bearer` first, then the session cookie. */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.split('=', 2)
    if (name?.trim() === SESSION_COOKIE && value) return value.trim()
  }
  return undefined
}

/**
 * The address a request came from, as it is counted: an IPv4 address or the network of an IPv6 one (CON-6). Behind a trusted proxy it is the last one the proxy wrote; anything before that a
 * client could have written itself.
 */
export function addressOf(headers: IncomingHttpHeaders, socketAddress: string | undefined, trustProxy: boolean): string {
  const forwarded = trustProxy ? headers['x-forwarded-for']?.toString().split(',').at(-1)?.trim() : undefined
  return networkOf(forwarded || socketAddress || 'unknown')
}

/**
 * Whether a request may come from where it says it does: from no browser page, from the server's own origin, or from
 * one on the allow-list (CON-1).
 */
export function isOriginAllowed(headers: IncomingHttpHeaders, options: { allowedOrigins: ReadonlySet<string>, trustProxy: boolean }): boolean {
  const { origin } = headers
  if (origin === undefined) return true
  if (options.allowedOrigins.has(origin)) return true
  const host = (options.trustProxy && headers['x-forwarded-host']?.toString()) || headers.host
  return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase()
}
