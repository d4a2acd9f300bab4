import type { H3Event } from 'h3'
import { ProtocolError } from '#shared/protocol/errors'
import type { Identity } from '../auth/types'
import { tokenOf } from '../auth/requests'
import type { Lastra } from '../lastra'

/**
 * Who a request of a chat connection is from. These are counted apart from page requests, and generously, because
 * each connection counts its frames itself (CON-6).
 *
 * @throws ProtocolError `unauthorized`, or `rate_limited` for one who asks too often
 */
export async function requireChatIdentity(event: H3Event, lastra: Lastra): Promise<Identity> {
  const token = tokenOf(event.node.req.headers)
  const identity = token === undefined ? undefined : await lastra.identities.verify(token)
  const wait = lastra.exchanges.take(identity?.user.id ?? requestAddress(event, lastra), performance.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'too many requests', { retryAfterMs: wait })
  if (!identity) throw new ProtocolError('unauthorized', 'sign in first')
  return identity
}
