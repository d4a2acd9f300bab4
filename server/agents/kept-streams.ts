import { LIMITS } from '#shared/protocol/limits'
import type { AgentStream } from './agent-stream'

/**
 * The streams that have ended and can still be read, as many as fit by their number and by what they take. Where it is too much, the
 * oldest one of whoever has most gives way: nobody's answers are pushed out by somebody else's.
 */
export class KeptStreams {
  private readonly byUser = new Map<string, { bytes: number, streams: Set<AgentStream> }>()
  private count = 0
  private bytes = 0

  constructor(private readonly most: { count: number, bytes: number } = { count: LIMITS.agentStreamsKept, bytes: LIMITS.agentStreamsKeptBytes }) {}

  /** Keeps a stream that has ended. Returns those that have to go for it. */
  add(stream: AgentStream): AgentStream[] {
    const own = this.byUser.get(stream.owner.userId) ?? { bytes: 0, streams: new Set<AgentStream>() }
    this.byUser.set(stream.owner.userId, own)
    own.streams.add(stream)
    own.bytes += stream.bytes
    this.count++
    this.bytes += stream.bytes
    const gone: AgentStream[] = []
    while (this.count > this.most.count || this.bytes > this.most.bytes) {
      const oldest = this.heaviest()?.streams.values().next().value
      if (!oldest) break
      this.delete(oldest)
      gone.push(oldest)
    }
    return gone
  }

  /** Harmless for one it does not keep. */
  delete(stream: AgentStream): void {
    const own = this.byUser.get(stream.owner.userId)
    if (!own?.streams.delete(stream)) return
    own.bytes -= stream.bytes
    this.count--
    this.bytes -= stream.bytes
    if (own.streams.size === 0) this.byUser.delete(stream.owner.userId)
  }

  private heaviest(): { bytes: number, streams: Set<AgentStream> } | undefined {
    let heaviest: { bytes: number, streams: Set<AgentStream> } | undefined
    for (const own of this.byUser.values()) if (own.bytes > (heaviest?.bytes ?? -1)) heaviest = own
    return heaviest
  }
}
