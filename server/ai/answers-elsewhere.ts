import type { ServerFrame, StreamSnapshot } from '#shared/protocol/frames'
import type { Bus } from '../realtime/bus'

/** An answer of which nothing was heard for so long has ended, and its end was lost. */
const LOST_MS = 180_000
/** Answers that are followed at once. */
const MOST = 2_000

interface Followed { roomId: string, userId: string, heardAt: number, snapshot: StreamSnapshot }

/**
 * The answers that bots of other nodes give, and the hands they raise, as their frames tell: whoever joins here sees them as those do who
 * were there from the start (AI-2, AI-6).
 */
export class AnswersElsewhere {
  private readonly answers = new Map<string, Followed>()
  private readonly hands = new Map<string, string>()

  /** @param isHere whether an answer is given by this node @param now milliseconds of a steady clock */
  constructor(bus: Bus, private readonly isHere: (streamId: string) => boolean, private readonly now: () => number) {
    bus.subscribe({
      frame: ({ audience, frame }) => {
        if (bus.hasOthers && audience.to === 'room') this.hear(audience.roomId, frame)
      },
      // What was said meanwhile is not known.
      back: () => {
        this.answers.clear()
        this.hands.clear()
      },
    })
  }

  /** What is being said in a room by other nodes. */
  inRoom(roomId: string): StreamSnapshot[] {
    return [...this.answers.values()].filter(answer => answer.roomId === roomId && this.now() - answer.heardAt < LOST_MS).map(({ snapshot }) => snapshot)
  }

  /** In which room an answer is, and who asked for it. */
  find(streamId: string): { roomId: string, userId: string } | undefined {
    return this.answers.get(streamId)
  }

  /** The message a bot waits to answer, by its own node. */
  handOf(roomId: string, bot: string): string | undefined {
    return this.hands.get(`${roomId}\n${bot}`)
  }

  private hear(roomId: string, frame: ServerFrame): void {
    if (frame.type === 'ai.hand') {
      if (frame.raised && frame.in_reply_to !== undefined) this.hands.set(`${roomId}\n${frame.bot}`, frame.in_reply_to)
      else this.hands.delete(`${roomId}\n${frame.bot}`)
      return
    }
    if (frame.type === 'ai.start' && !this.isHere(frame.stream_id)) {
      if (this.answers.size >= MOST) this.answers.delete(this.answers.keys().next().value ?? '')
      const { stream_id, bot, userId, in_reply_to } = frame
      this.answers.set(stream_id, { roomId, userId, heardAt: this.now(), snapshot: { stream_id, bot, userId, ...(in_reply_to !== undefined && { in_reply_to }), n: 0, text: '' } })
    }
    if (frame.type === 'ai.end') this.answers.delete(frame.stream_id)
    if (frame.type !== 'ai.delta' && frame.type !== 'ai.thinking') return
    const answer = this.answers.get(frame.stream_id)
    if (!answer) return
    const { snapshot } = answer
    answer.heardAt = this.now()
    if (frame.type === 'ai.thinking') answer.snapshot = { ...snapshot, thinking: { active: frame.active, ms: frame.ms } }
    // One that is missing makes the rest unknown.
    else if ((frame.from ?? frame.n) !== snapshot.n + 1) this.answers.delete(frame.stream_id)
    // What came up to `thought` was thinking.
    else answer.snapshot = { ...snapshot, n: frame.n, text: (frame.thought ?? 0) >= snapshot.n ? frame.text : snapshot.text + frame.text }
  }
}
