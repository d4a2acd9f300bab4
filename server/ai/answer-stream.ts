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
  /** Told when the engine begins or ends to think. */
  onThinking?: (frame: ServerFrameOf<'ai.thinking'>) => void
  /** Told what it thinks, as it goes on. */
  onThought?: (text: string) => void
}

/** What an engine thought before it spoke: as much of it as is kept, for how long, and whether something of it was left out. */
export interface Thinking {
  text: string
  ms: number
  cut?: true
}

/**
 * One answer as an append-only log of deltas, numbered from 1 (AI-1). Its producer writes and waits for nobody; viewers
 * catch up from {@link AnswerStream.snapshot}, or from any delta. What the engine thinks is kept apart from what it says (AI-8).
 */
export class AnswerStream {
  text = ''
  /** True once the text is as long as a message may be; more is dropped. */
  full = false
  /** Deltas so far. */
  private n = 0
  /** The delta up to which all was thinking. */
  private thoughtUpTo = 0
  private unsaid = ''
  private bytes = 0
  private timer?: ReturnType<typeof setTimeout>
  private saidAt = Number.NEGATIVE_INFINITY
  private readonly beganAt = performance.now()
  private thought = { text: '', unsaid: '', bytes: 0, ms: 0, isCut: false }
  private thinksSince?: number

  constructor(readonly options: AnswerStreamOptions) {}

  /** Adds to the answer. The first words go out at once; what comes within {@link LIMITS.deltaMs} of a delta is the next one. */
  push(text: string): void {
    if (this.full || text === '') return
    if (text.trim() !== '') this.setThinking(false)
    const bytes = utf8Bytes(text)
    if (this.bytes + bytes > LIMITS.textBytes) {
      this.full = true
      return
    }
    this.bytes += bytes
    this.unsaid += text
    this.schedule()
  }

  /** Adds to what the engine thinks. Beyond {@link LIMITS.thinkingBytes} it is only noted that there was more. */
  think(text: string): void {
    if (text === '') return
    this.setThinking(true)
    const bytes = utf8Bytes(text)
    if (this.thought.isCut || this.thought.bytes + bytes > LIMITS.thinkingBytes) {
      this.thought.isCut = true
      return
    }
    this.thought.bytes += bytes
    this.thought.text += text
    this.thought.unsaid += text
    this.schedule()
  }

  /** Nothing more of what is thought is kept. */
  cutThinking(): void {
    this.thought.isCut = true
  }

  /** All that was said so far turns out to be thinking. */
  recast(): void {
    this.flush()
    if (this.text === '') return
    this.thought.ms = performance.now() - this.beganAt
    const said = this.text
    this.text = ''
    this.bytes = 0
    this.think(said)
    this.thoughtUpTo = this.n
    this.setThinking(false)
    this.say('')
  }

  /** Says what has not been said yet. */
  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.thought.unsaid !== '') {
      const text = this.thought.unsaid
      this.thought.unsaid = ''
      this.options.onThought?.(text)
    }
    if (this.unsaid !== '') {
      const text = this.unsaid
      this.unsaid = ''
      this.text += text
      this.say(text)
    }
    this.saidAt = performance.now()
  }

  /** The last of what was said and thought. */
  end(): void {
    this.flush()
    this.setThinking(false)
  }

  /** What was thought, if anything was. */
  get thinking(): Thinking | undefined {
    const { text, ms, isCut } = this.thought
    return text === '' && !isCut ? undefined : { text: text.trim(), ms: Math.round(ms), ...(isCut && { cut: true as const }) }
  }

  /** The answer so far, for one who joins now (AI-2). */
  snapshot(): StreamSnapshot {
    const { id, bot, userId, inReplyTo } = this.options
    const { thinking } = this
    return {
      stream_id: id, bot, userId, ...(inReplyTo !== undefined && { in_reply_to: inReplyTo }), n: this.n, text: this.text,
      ...(thinking && { thinking: { active: this.thinksSince !== undefined, ms: this.thinkingMs() } }),
    }
  }

  private schedule(): void {
    // A timer may come up to a millisecond early.
    this.timer ??= setTimeout(() => this.flush(), Math.max(0, Math.ceil(this.saidAt + LIMITS.deltaMs - performance.now())))
  }

  private say(text: string): void {
    const { id, room, onDelta } = this.options
    this.n++
    onDelta({ type: 'ai.delta', room, stream_id: id, n: this.n, text, ...(this.thoughtUpTo > 0 && { thought: this.thoughtUpTo }) })
  }

  private thinkingMs(): number {
    return Math.round(this.thought.ms + (this.thinksSince === undefined ? 0 : performance.now() - this.thinksSince))
  }

  private setThinking(active: boolean): void {
    if (active === (this.thinksSince !== undefined)) return
    this.thought.ms = this.thinkingMs()
    this.thinksSince = active ? performance.now() : undefined
    const { id, room, onThinking } = this.options
    onThinking?.({ type: 'ai.thinking', room, stream_id: id, active, ms: Math.round(this.thought.ms) })
  }
}
