import { BlockList, isIP } from 'node:net'
import { hostname } from 'node:os'
import type { IncomingHttpHeaders } from 'node:http'

/** What is known of a request before anything of it is believed. */
export interface Arrival {
  headers: IncomingHttpHeaders
  /** The server's own end of the connection. */
  localAddress?: string
}

export interface HostOptions {
  /** Names the server answers to; `*.example.org` stands for every name below, `*` for any. */
  allowedHosts: ReadonlySet<string>
  trustProxy: boolean
}

/** Names nobody can register, so that none of them leads elsewhere first and here later (RFC 6761, RFC 6762, RFC 8375). */
const OWN_SUFFIX = /\.(?:localhost|local|lan|home|home\.arpa|internal|intranet|localdomain|test)$/
const ownNames = new Set(['localhost', hostname().toLowerCase(), hostname().toLowerCase().split('.')[0]!])

/** Addresses that a page out on the internet cannot reach by itself, but a browser inside can reach for it. */
const inside = new BlockList()
for (const [net, bits] of [['127.0.0.0', 8], ['10.0.0.0', 8], ['172.16.0.0', 12], ['192.168.0.0', 16], ['169.254.0.0', 16], ['100.64.0.0', 10]] as const) inside.addSubnet(net, bits, 'ipv4')
for (const [net, bits] of [['::1', 128], ['fc00::', 7], ['fe80::', 10]] as const) inside.addSubnet(net, bits, 'ipv6')

/** The host a browser asked for, as `name[:port]`: what a trusted proxy wrote, or `Host`. */
export function askedHost(headers: IncomingHttpHeaders, trustProxy: boolean): string | undefined {
  const forwarded = trustProxy ? headers['x-forwarded-host']?.toString().split(',').at(-1)?.trim() : undefined
  return (forwarded || headers.host)?.toLowerCase()
}

/**
 * Whether the server answers to the name it was asked by. A page of somebody else's can have its own name lead to this server (DNS
 * rebinding), and is then of the server's own origin for the browser. So: addresses, the machine's own names and those nobody can
 * register always; where names are configured, those and no other; otherwise any name that came through a trusted proxy, which knows
 * its own, or to a public address, where there is nothing that its page could not have had without a browser's help.
 */
export function isHostAllowed({ headers, localAddress }: Arrival, { allowedHosts, trustProxy }: HostOptions): boolean {
  const host = askedHost(headers, trustProxy)
  // HTTP/1.0 has no such header, and no browser speaks that.
  if (host === undefined) return true
  const name = nameOf(host)
  if (name === undefined) return false
  if (isIP(name) !== 0 || ownNames.has(name) || OWN_SUFFIX.test(name)) return true
  if (allowedHosts.size > 0) return allowedHosts.has('*') || allowedHosts.has(name) || isBelow(name, allowedHosts)
  if (trustProxy && (headers['x-forwarded-for'] ?? headers['x-forwarded-host']) !== undefined) return true
  return localAddress !== undefined && !isInside(localAddress)
}

function isBelow(name: string, allowed: ReadonlySet<string>): boolean {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    if (allowed.has(`*${name.slice(dot)}`)) return true
  }
  return false
}

function isInside(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return inside.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}

/** A host without its port and without brackets; nothing for what is no host. */
function nameOf(host: string): string | undefined {
  if (!URL.canParse(`http://${host}`)) return undefined
  const { hostname, pathname, username } = new URL(`http://${host}`)
  if (pathname !== '/' || username !== '') return undefined
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}
