import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import type { RealtimeContext } from './context'

/** When somebody who found no place may ask again. */
const RETRY_AFTER_MS = 10_000

/** What is looked at to give a place. */
type Places = Pick<RealtimeContext, 'registry' | 'elsewhere' | 'admission' | 'limits' | 'now'>

/** Places that those of one address may have who have not said who they are. */
export function namelessPlaces(connectionsPerAddress: number): number {
  return Math.max(1, Math.floor(connectionsPerAddress * LIMITS.namelessShare))
}

/**
 * Whether there is a place for one more connection (CON-6): of its user, and of its address. Those without an identity have a
 * share of an address's places, and give way to those who have one.
 *
 * @param userId who it is, where that is known
 * @throws ProtocolError `rate_limited`
 */
export function requirePlace({ registry, elsewhere, admission, limits, now }: Places, userId: string | undefined, address: string): void {
  const banned = admission.banned(userId, address, now())
  if (banned > 0) throw new ProtocolError('rate_limited', 'too many frames were sent', { retryAfterMs: banned })
  const nameless = registry.namelessFrom(address)
  const taken = registry.fromAddress(address) + elsewhere.fromAddress(address) - (userId === undefined ? 0 : nameless)
  if (taken >= limits.connectionsPerAddress || (userId === undefined && nameless >= namelessPlaces(limits.connectionsPerAddress))) {
    throw new ProtocolError('rate_limited', 'too many connections from this address', { retryAfterMs: RETRY_AFTER_MS })
  }
  if (userId !== undefined && registry.ofUser(userId).size + elsewhere.ofUser(userId) >= limits.connectionsPerUser) {
    throw new ProtocolError('rate_limited', 'too many connections of this user', { retryAfterMs: RETRY_AFTER_MS })
  }
}

/** Counts a connection that is about to be opened. @throws ProtocolError `rate_limited` for an address or a user that opens one after the other */
export function takeTurn({ admission, now }: Places, by: { address: string } | { userId: string }): void {
  const wait = admission.connect(by, now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'too many new connections, one after the other', { retryAfterMs: wait })
}
