import { isIPv6 } from 'node:net'

/** Groups of 16 bits that name a network; the others its owner gives out as it likes (RFC 6177, RFC 4291 section 2.5.4). */
const NETWORK_GROUPS = 4
const GROUPS = 8

/**
 * The network an address belongs to, as whoever it is counts for one: an IPv4 address itself, also when it comes as IPv6
 * (`::ffff:192.0.2.1`, RFC 4291 section 2.5.5.2), and the /64 of an IPv6 address, which one household or server has whole.
 *
 * @param address as a socket or a proxy writes it, perhaps with a zone, brackets or a port
 * @returns `192.0.2.1`, `2001:db8:0:1::/64`, or what was given where it is no address
 */
export function networkOf(address: string): string {
  const bare = (/^\[([^\]]*)\](?::\d+)?$/.exec(address)?.[1] ?? address).split('%', 1)[0] ?? ''
  if (!isIPv6(bare)) return /^(\d{1,3}(?:\.\d{1,3}){3}):\d+$/.exec(bare)?.[1] ?? bare
  const groups = groupsOf(bare)
  const [a = 0, b = 0] = groups.slice(GROUPS - 2)
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xFFFF) return [a >> 8, a & 255, b >> 8, b & 255].join('.')
  return `${groups.slice(0, NETWORK_GROUPS).map(group => group.toString(16)).join(':')}::/64`
}

/** The eight numbers of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::', 2)
  const before = numbers(head)
  const after = tail === undefined ? [] : numbers(tail)
  return [...before, ...Array<number>(Math.max(0, GROUPS - before.length - after.length)).fill(0), ...after]
}

function numbers(part: string): number[] {
  return part.split(':').filter(group => group !== '').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a << 8 | b, c << 8 | d]
  })
}
