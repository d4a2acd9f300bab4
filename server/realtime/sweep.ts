import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { Connection } from './connection'

/**
 * Closes the connections whose time has come: one timer for all of them, so that an idle one costs none of its own.
 *
 * @param now milliseconds of the hub's clock
 * @param today milliseconds since 1970, for what is dated from outside: the end of a token
 */
export function sweepConnections(connections: Iterable<Connection>, now: number, today: number, close: (connection: Connection, code: number, reason: string) => void): void {
  for (const connection of [...connections]) {
    connection.transport.beat?.(now)
    const verdict = judge(connection, now, today)
    if (verdict) close(connection, ...verdict)
  }
}

function judge(connection: Connection, now: number, today: number): [code: number, reason: string] | undefined {
  const { state } = connection
  if (state.phase === 'waiting' && now - state.since >= LIMITS.authMs) return [CLOSE.unauthorized, 'no valid auth in time']
  if (state.phase === 'established' && today >= state.expiresAt + LIMITS.expiryGraceMs) return [CLOSE.unauthorized, 'the token ran out']
  if (connection.replacedAt !== undefined && now >= connection.replacedAt) return [CLOSE.replaced, 'replaced by a newer connection']
  if (now - connection.heardAt >= LIMITS.silenceMs) return [CLOSE.timeout, 'silent for too long']
  const overrun = connection.outbox.check(now)
  return overrun && [CLOSE.timeout, overrun]
}
