import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { TokenBucket } from '../limits/token-bucket'
import type { Persona } from './persona'
import { SharedBudget } from './shares'
import type { Taker } from './shares'

/** Answers of bots in a row, without a person in between (C4). */
export const MAX_BOT_TURNS = 3

const HOUR_MS = 3_600_000

interface RoomTurns {
  /** Bot answers since a person last spoke or asked. */
  count: number
  last?: string
  usedAt: number
}

/** Who may speak now: bots take turns with people, and have a rate and a budget. */
export class Turns {
  private readonly rooms = new Map<string, RoomTurns>()
  private readonly rates = new Map<string, TokenBucket>()
  private readonly budgets = new Map<string, SharedBudget>()

  /** A person spoke, or asked a bot. */
  human(roomId: string, now: number): void {
    this.rooms.set(roomId, { count: 0, usedAt: now })
  }

  /** A bot has spoken. */
  spoke(roomId: string, bot: string, now: number): void {
    this.rooms.set(roomId, { count: (this.rooms.get(roomId)?.count ?? 0) + 1, last: bot, usedAt: now })
  }

  /** Whether a bot may speak without a person having asked it just now. */
  mayFollow(roomId: string, bot: string): boolean {
    const turns = this.rooms.get(roomId)
    return !turns || (turns.count < MAX_BOT_TURNS && turns.last !== bot)
  }

  /**
   * Takes one answer out of a persona's rate in a room, of which one person has a share. Returns 0, or the milliseconds to wait: for
   * the rate, or for the hour of its budget in which there is a share left.
   */
  takeAnswer(orgId: string, taker: Taker, persona: Persona, now: number): number {
    const spent = this.budget(orgId, persona.id, now).wait(taker, persona.tokensPerHour, now)
    if (spent > 0) return spent
    const { answersPerMinute } = persona
    const key = `${taker.roomId}\n${persona.id}\n${answersPerMinute}`
    const own = this.rate(`${key}\n${taker.userId}`, Math.ceil(answersPerMinute * LIMITS.answerShareOfPerson), now)
    const ofRoom = this.rate(key, answersPerMinute, now)
    const wait = Math.max(own.wait(now), ofRoom.wait(now))
    if (wait > 0) return wait
    own.take(now)
    return ofRoom.take(now)
  }

  /**
   * Takes one answer out of a persona's rate, or says why not.
   *
   * @param who what the refusal names first (FRM-4)
   * @throws ProtocolError `rate_limited`, with the reason `budget` where its tokens of this hour are used up
   */
  requireAnswer(who: string, orgId: string, taker: Taker, persona: Persona, now: number): void {
    const spent = this.budget(orgId, persona.id, now).wait(taker, persona.tokensPerHour, now)
    if (spent > 0) throw new ProtocolError('rate_limited', `${who}: its tokens of this hour are used up`, { retryAfterMs: Math.ceil(spent), reason: 'budget' })
    const wait = this.takeAnswer(orgId, taker, persona, now)
    if (wait > 0) throw new ProtocolError('rate_limited', `${who}: has answered as often as it may`, { retryAfterMs: Math.ceil(wait) })
  }

  /** Counts what an answer cost, against who asked for it; what was counted too much is given back by a negative number. */
  spend(orgId: string, bot: string, tokens: number, now: number, taker?: Taker): void {
    this.budget(orgId, bot, now).spend(taker, tokens, now)
  }

  /** Tokens a persona used in this hour. */
  used(orgId: string, bot: string, now: number): number {
    return this.budget(orgId, bot, now).used(now)
  }

  /** Forgets what no longer matters. */
  prune(now: number): void {
    for (const [roomId, { usedAt }] of this.rooms) {
      if (now - usedAt > HOUR_MS) this.rooms.delete(roomId)
    }
    if (this.rates.size > 10_000) this.rates.clear()
  }

  private rate(key: string, perMinute: number, now: number): TokenBucket {
    const bucket = this.rates.get(key) ?? new TokenBucket({ perSecond: perMinute / 60, burst: perMinute }, now)
    this.rates.set(key, bucket)
    return bucket
  }

  private budget(orgId: string, bot: string, now: number): SharedBudget {
    const key = `${orgId}\n${bot}`
    const known = this.budgets.get(key) ?? new SharedBudget(now)
    this.budgets.set(key, known)
    return known
  }
}
