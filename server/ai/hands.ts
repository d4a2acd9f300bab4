import type { Message, ServerFrameOf } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { Room } from '../rooms/types'
import type { Ask } from './bots'

/** How many messages of people make a room one that talks. */
const TALK = 2

/** A bot that waits for its turn, and for what. */
export interface Hand {
  room: Room
  bot: string
  ask: Ask & { inReplyTo: string }
  /** Whether its name was called. One that only always speaks waits with the newest message alone. */
  called: boolean
  raisedAt: number
}

export interface HandsOptions {
  /** Whether anybody types in a room, apart from one. */
  typing: (roomId: string, exceptUser?: string) => boolean
  /** Tells a room that a hand was raised or lowered. */
  announce: (roomId: string, frame: ServerFrameOf<'ai.hand'>) => void
  /** Lets a bot speak: the room has become quiet. */
  speak: (hand: Hand) => void
  /** Milliseconds of a steady clock. */
  now: () => number
}

/**
 * Raised hands: a bot with an answer does not speak into a conversation, it waits until it is let speak or the room is quiet
 * (AI-6). A hand is a lease; a restart lowers them all.
 */
export class Hands {
  /** By room and bot, the one raised first first. */
  private readonly raised = new Map<string, Hand[]>()
  /** When people last spoke, by room: the newest {@link TALK} + 1 messages. */
  private readonly spoken = new Map<string, { seq: number, at: number }[]>()

  constructor(private readonly options: HandsOptions) {}

  /** A person said something. */
  heard(roomId: string, { seq }: Pick<Message, 'seq'>): void {
    this.spoken.set(roomId, [...this.spoken.get(roomId) ?? [], { seq, at: this.options.now() }].slice(-TALK - 1))
  }

  /** Whether to answer a message now would be to interrupt. One that was called by name has to wait for less. */
  wouldInterrupt(roomId: string, message: Pick<Message, 'seq' | 'userId'>, called: boolean): boolean {
    if (this.options.typing(roomId, message.userId)) return true
    const since = this.options.now() - LIMITS.handQuietMs
    const others = (this.spoken.get(roomId) ?? []).filter(({ seq, at }) => seq > message.seq || (!called && seq < message.seq && at > since))
    return others.length >= TALK
  }

  raise(hand: Omit<Hand, 'raisedAt'>): void {
    const others = this.of(hand.room.id, hand.bot).filter(other => other.called)
    this.change(hand.room, hand.bot, [...others, { ...hand, raisedAt: this.options.now() }].slice(-LIMITS.handsPerBot))
  }

  /** Lowers the hands in a room that need no longer be up. */
  lower(roomId: string, which: (hand: Hand) => boolean): void {
    for (const hands of [...this.raised.values()]) {
      const [first] = hands
      if (first?.room.id === roomId && hands.some(which)) this.change(first.room, first.bot, hands.filter(hand => !which(hand)))
    }
  }

  /** What a bot waits with, the oldest first. */
  of(roomId: string, bot: string): readonly Hand[] {
    return this.raised.get(keyOf(roomId, bot)) ?? []
  }

  /** Lets those speak whose room is quiet, and gives up what nobody waits for any more. To be called about twice a second. */
  sweep(): void {
    const now = this.options.now()
    for (const hands of [...this.raised.values()]) {
      const [first] = hands
      if (!first) continue
      const { room, bot } = first
      if (now - first.raisedAt >= LIMITS.handStaleMs) this.change(room, bot, hands.slice(1))
      else if (this.quiet(room.id, now)) {
        this.change(room, bot, hands.slice(1))
        this.options.speak(first)
      }
    }
    for (const [roomId, messages] of this.spoken) {
      if (messages.every(({ at }) => now - at >= LIMITS.handQuietMs)) this.spoken.delete(roomId)
    }
  }

  private quiet(roomId: string, now: number): boolean {
    return !this.options.typing(roomId) && (this.spoken.get(roomId) ?? []).every(({ at }) => now - at >= LIMITS.handQuietMs)
  }

  private change(room: Room, bot: string, next: Hand[]): void {
    const before = this.of(room.id, bot)[0]?.ask.inReplyTo
    const after = next[0]?.ask.inReplyTo
    if (next.length > 0) this.raised.set(keyOf(room.id, bot), next)
    else this.raised.delete(keyOf(room.id, bot))
    if (before !== after) this.options.announce(room.id, { type: 'ai.hand', room: room.name, bot, raised: after !== undefined, ...(after !== undefined && { in_reply_to: after }) })
  }
}

function keyOf(roomId: string, bot: string): string {
  return `${roomId}\n${bot}`
}
