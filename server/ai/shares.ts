import { LIMITS } from '#shared/protocol/limits'

const HOUR_MS = 3_600_000

/** Who takes from a pool that is everybody's: a person, in a room, from an address as far as that is known. */
export interface Taker {
  userId: string
  roomId: string
  address?: string
  /** Operators who try what they are editing: for them there is a whole, and no shares. */
  isOperator?: boolean
}

/**
 * A pool of tokens for an hour that is everybody's, with shares. The first half is for whoever comes; of the rest a person gets an
 * eighth of the whole at most, and a room and an address a quarter: nobody alone, nor anybody with many names, uses it up for all.
 */
export class SharedBudget {
  private since: number
  private total = 0
  private readonly spent = new Map<string, number>()

  /** @param now milliseconds of any steady clock */
  constructor(now: number) {
    this.since = now
  }

  /** Tokens that were used in this hour. */
  used(now: number): number {
    this.renew(now)
    return this.total
  }

  /** Whether one may take more out of a pool of so many tokens. Returns 0, or the milliseconds until they may. */
  wait(taker: Taker, size: number, now: number): number {
    this.renew(now)
    const over = this.total >= size || (this.total >= size * LIMITS.budgetForAnyone && keysOf(taker).some(([key, share]) => (this.spent.get(key) ?? 0) >= size * share))
    return over ? Math.max(1, this.since + HOUR_MS - now) : 0
  }

  /** Counts what was used; a negative number gives back what was not. */
  spend(taker: Taker | undefined, tokens: number, now: number): void {
    this.renew(now)
    this.total = Math.max(0, this.total + tokens)
    for (const [key] of taker ? keysOf(taker) : []) this.spent.set(key, Math.max(0, (this.spent.get(key) ?? 0) + tokens))
  }

  private renew(now: number): void {
    if (now - this.since < HOUR_MS) return
    this.since = now
    this.total = 0
    this.spent.clear()
  }
}

function keysOf({ userId, roomId, address, isOperator }: Taker): (readonly [key: string, share: number])[] {
  if (isOperator) return []
  const { person, room, address: ofAddress } = LIMITS.budgetShares
  return [[`user ${userId}`, person], [`room ${roomId}`, room], ...address === undefined ? [] : [[`address ${address}`, ofAddress] as const]]
}
