import { LIMITS } from '#shared/protocol/limits'
import { utf8Bytes } from '#shared/protocol/fields'
import type { ServerFrameOf, StreamSnapshot } from '#shared/protocol/frames'

export interface AnswerStreamOptions {
  id: string
  room: string
  bot: string
  userId: string
  inReplyTo?: string
  /** Shows a delta to whoever watches. */
  onDelta: (frame: ServerFrameOf<'ai.delta'>) => void
}

/**
 * One answer as an append-only log of deltas, numbered from 1 (AI-1). Its producer writes and waits for nobody; viewers
 * catch up from {@link AnswerStream.snapshot}, or from any delta.
 */
export class AnswerStream {
  readonly deltas: string[] = []
  text = ''
  /** True once the text is as long as a message may be; more is dropped. */
  full = false
  private unsaid = ''
  private bytes = 0
  private timer?: ReturnType<typeof setTimeout>
  private saidAt = Number.NEGATIVE_INFINITY

  constructor(readonly options: AnswerStreamOptions) {}

  /** Adds to the answer. The first words go out at once; what comes within {@link LIMITS.deltaMs} of a delta is the next one. */
  push(text: string): void {
    if (this.full || text === '') return
    const bytes = utf8Bytes(text)
    if (this.bytes + bytes > LIMITS.textBytes) {
      this.full = true
      return
    }
    this.bytes += bytes
    this.unsaid += text
    // A timer may come up to a millisecond early.
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, Math.ceil(this.saidAt + LIMITS.deltaMs - performance.now())))
  }

  /** Says what has not been said yet. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.unsaid === '') return
    const { id, room, onDelta } = this.options
    const text = this.unsaid
    this.unsaid = ''
    this.saidAt = performance.now()
    this.text += text
    this.deltas.push(text)
    onDelta({ type: 'ai.delta', room, stream_id: id, n: this.deltas.length, text })
  }

  /** The answer so far, for one who joins now (AI-2). */
  snapshot(): StreamSnapshot {
    const { id, bot, userId, inReplyTo } = this.options
    return { stream_id: id, bot, userId, ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }), n: this.deltas.length, text: this.text }
  }
}
