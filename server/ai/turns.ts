import { TokenBucket } from '../limits/token-bucket'
import type { Persona } from './persona'

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
  private readonly spent = new Map<string, { since: number, tokens: number }>()

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

  /** Takes one answer out of a persona's rate in a room. Returns 0, or the milliseconds to wait. */
  takeAnswer(orgId: string, roomId: string, persona: Persona, now: number): number {
    const budget = this.budget(orgId, persona.id, now)
    if (budget.tokens >= persona.tokensPerHour) return Math.max(1, budget.since + HOUR_MS - now)
    const key = `${roomId}\n${persona.id}\n${persona.answersPerMinute}`
    const bucket = this.rates.get(key) ?? new TokenBucket({ perSecond: persona.answersPerMinute / 60, burst: persona.answersPerMinute }, now)
    this.rates.set(key, bucket)
    return bucket.take(now)
  }

  /** Counts what an answer cost. */
  spend(orgId: string, bot: string, tokens: number, now: number): void {
    this.budget(orgId, bot, now).tokens += tokens
  }

  /** Tokens a persona used in this hour. */
  used(orgId: string, bot: string, now: number): number {
    return this.budget(orgId, bot, now).tokens
  }

  /** Forgets what no longer matters. */
  prune(now: number): void {
    for (const [roomId, { usedAt }] of this.rooms) {
      if (now - usedAt > HOUR_MS) this.rooms.delete(roomId)
    }
    if (this.rates.size > 10_000) this.rates.clear()
  }

  private budget(orgId: string, bot: string, now: number): { since: number, tokens: number } {
    const key = `${orgId}\n${bot}`
    const known = this.spent.get(key)
    if (known && now - known.since < HOUR_MS) return known
    const fresh = { since: now, tokens: 0 }
    this.spent.set(key, fresh)
    return fresh
  }
}
