import type { IncomingHttpHeaders } from 'node:http'
import { ORIGIN_MARK } from '#shared/origin-mark'
import { askedHost } from '../auth/hosts'

/**
 * A page for who asked by a name: its absolute addresses are of that name. What is kept holds only the mark.
 *
 * @param headers those of a proxy only where it is trusted
 * @param encrypted whether the connection to this server is
 */
export function withOrigin(html: string, headers: IncomingHttpHeaders, encrypted: boolean): string {
  if (!html.includes(ORIGIN_MARK)) return html
  const host = askedHost(headers, true)
  const scheme = encrypted || headers['x-forwarded-proto']?.toString().split(',').at(-1)?.trim() === 'https' ? 'https' : 'http'
  const asked = `${scheme}://${host}`
  return html.replaceAll(ORIGIN_MARK, host && URL.canParse(asked) ? new URL(asked).origin : '')
}
