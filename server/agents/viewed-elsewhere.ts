import { z } from 'zod'
import type { Viewed } from './viewer'

const part = z.object({ events: z.array(z.string()), ended: z.boolean() })
const stopped = z.object({ finish: z.enum(['stop', 'length', 'cancelled', 'error']), messageId: z.string().optional() })

export interface Source {
  /** The events after one, as JSON. @param viewer where a viewer begins that has just come */
  pull: (after: number, viewer: number | undefined, gone?: AbortSignal) => Promise<string>
  stop: () => Promise<string>
}

/** An answer that another node gives, as it is shown here: a copy of its events, which grows as they are asked for. */
export class ViewedElsewhere implements Viewed {
  readonly events: string[] = []
  state: 'streaming' | 'ended' = 'streaming'
  private readonly viewers = new Set<() => void>()

  constructor(readonly id: string, private readonly source: Source) {}

  /** Reads what there is. The first viewer lets the agent start. @throws ProtocolError as the node that gives the answer refuses it */
  async open(from: number): Promise<void> {
    this.take(await this.source.pull(0, from))
  }

  watch(grown: () => void): () => void {
    this.viewers.add(grown)
    return () => this.viewers.delete(grown)
  }

  /** Goes on reading until the end, or until `gone`. Rejects when the node that gives the answer is gone. */
  async follow(gone: AbortSignal): Promise<void> {
    while (this.state !== 'ended' && !gone.aborted) this.take(await this.source.pull(this.events.length, undefined, gone))
  }

  /** Stops it, wherever it is given (AGT-6). */
  async stop(): Promise<z.output<typeof stopped>> {
    return stopped.parse(JSON.parse(await this.source.stop()))
  }

  private take(json: string): void {
    const { events, ended } = part.parse(JSON.parse(json))
    this.events.push(...events)
    if (ended) this.state = 'ended'
    if (events.length > 0 || ended) for (const grown of [...this.viewers]) grown()
  }
}
