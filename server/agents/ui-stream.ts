import type { UIMessageChunk } from 'ai'
import type { Ended } from '../ai/answers'

const TEXT = 'text'

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
    this.push({ type: 'text-start', id: TEXT })
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
    this.push({ type: 'text-delta', id: TEXT, delta })
    this.tell()
  }

  /** The end, whichever; what was said stands. */
  end(ended: Ended): void {
    if (this.state === 'ended') return
    this.state = 'ended'
    this.push({ type: 'text-end', id: TEXT })
    for (const [n, { url, title }] of (ended.sources ?? []).entries()) this.push({ type: 'source-url', sourceId: `source-${n + 1}`, url, title })
    if (ended.messageId !== undefined) this.push({ type: 'message-metadata', messageMetadata: { messageId: ended.messageId } })
    this.push(lastChunk(ended))
    this.add('[DONE]')
    this.tell()
    this.resolve(ended)
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

function lastChunk({ finish, error }: Ended): UIMessageChunk {
  if (finish === 'cancelled') return { type: 'abort', reason: 'stopped' }
  if (finish === 'error') return { type: 'error', errorText: error ?? 'the engine failed' }
  return { type: 'finish', finishReason: finish }
}
