import type { UIMessageChunk } from 'ai'
import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { Ended } from '../ai/answers'
import { END_WORDS } from '../ai/end-words'

/** The reasons to finish that the AI SDK knows by name. */
const FINISH_REASONS: Partial<Record<AnswerEnd, 'content-filter' | 'tool-calls' | 'other'>> = { filtered: 'content-filter', tool_call: 'tool-calls', unknown_finish: 'other' }

/**
 * An answer as an append-only list of events of the AI SDK's UI message stream, numbered from 1, so that a viewer goes on
 * after any of them (AGT-4). Viewers are told that it grew; what each does about it is its own business.
 */
export class UiStream {
  /** As they stand on the wire; the last one of an ended stream is `[DONE]`. */
  readonly events: string[] = []
  /** What they take, about. */
  bytes = 0
  /** `waiting` until the first viewer is connected. */
  state: 'waiting' | 'streaming' | 'ended' = 'waiting'
  /** Resolves when it has ended. */
  readonly done: Promise<Ended>
  private resolve: (ended: Ended) => void = () => undefined
  /** The part that is being written, and how many there were. */
  private part?: 'text' | 'reasoning'
  private parts = 0
  private openedAt = 0
  private thoughtMs = 0
  private readonly viewers = new Set<() => void>()

  /**
   * @param id what the message is called until it is stored
   * @param metadata what is said of the message beforehand: agent, engine, model
   */
  constructor(id: string, metadata: Record<string, unknown>) {
    this.done = new Promise((resolve) => {
      this.resolve = resolve
    })
    this.push({ type: 'start', messageId: id, messageMetadata: metadata })
  }

  get viewerCount(): number {
    return this.viewers.size
  }

  /** Calls back whenever there is more. Returns the function that stops it. */
  watch(grown: () => void): () => void {
    this.viewers.add(grown)
    return () => this.viewers.delete(grown)
  }

  /** The next words. */
  delta(delta: string): void {
    this.open('text')
    this.push({ type: 'text-delta', id: this.partId, delta })
    this.tell()
  }

  /** What the agent thinks, as it goes on (AI-8). */
  thought(delta: string): void {
    this.open('reasoning')
    this.push({ type: 'reasoning-delta', id: this.partId, delta })
    this.tell()
  }

  /** All that was said so far was thinking: what a reader has of it counts no more. */
  recast(): void {
    this.close()
    this.push({ type: 'message-metadata', messageMetadata: { recast: true } })
    this.tell()
  }

  /** The end, whichever; what was said stands. */
  end(ended: Ended): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    if (this.parts === 0) this.open('text')
    this.close()
    for (const [n, { url, title }] of (ended.sources ?? []).entries()) this.push({ type: 'source-url', sourceId: `source-${n + 1}`, url, title })
    const { messageId, reason } = ended
    if (messageId !== undefined || reason !== undefined) this.push({ type: 'message-metadata', messageMetadata: { ...(messageId !== undefined && { messageId }), ...(reason && { reason }) } })
    this.push(lastChunk(ended))
    this.add('[DONE]')
    this.tell()
    this.resolve(ended)
  }

  private get partId(): string {
    return `${this.part}-${this.parts}`
  }

  /** Begins a part, unless it is the one that is being written. */
  private open(part: 'text' | 'reasoning'): void {
    if (this.part === part) return
    this.close()
    this.part = part
    this.parts++
    this.openedAt = performance.now()
    this.push({ type: `${part}-start`, id: this.partId })
  }

  private close(): void {
    if (this.part) this.push({ type: `${this.part}-end`, id: this.partId })
    if (this.part === 'reasoning') {
      this.thoughtMs += Math.round(performance.now() - this.openedAt)
      this.push({ type: 'message-metadata', messageMetadata: { thinkingMs: this.thoughtMs } })
    }
    this.part = undefined
  }

  private push(chunk: UIMessageChunk): void {
    this.add(JSON.stringify(chunk))
  }

  private add(data: string): void {
    const event = `id: ${this.events.length + 1}\ndata: ${data}\n\n`
    this.events.push(event)
    this.bytes += event.length
  }

  private tell(): void {
    for (const grown of this.viewers) grown()
  }
}

function lastChunk({ finish, reason, error }: Ended): UIMessageChunk {
  if (finish === 'cancelled') return { type: 'abort', reason: 'stopped' }
  const finishReason = reason && FINISH_REASONS[reason]
  if (finishReason) return { type: 'finish', finishReason }
  if (finish === 'error') return { type: 'error', errorText: error ?? END_WORDS.failed }
  return { type: 'finish', finishReason: finish }
}
