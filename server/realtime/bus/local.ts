import { customAlphabet } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import type { Fact } from './facts'
import { signalHere } from './index'
import type { Bus, PeerMessage, Reached, Receivers } from './index'

/** A name for a node. */
export const nodeName = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 10)

interface LocalNode {
  readonly name: string
  readonly receivers: Partial<Receivers>[]
  /** What it says of itself. */
  readonly facts: Map<string, Fact>
}

/** The nodes of one process. What one publishes has been delivered to all of them when `publish` returns. */
export class LocalWire {
  private readonly nodes: LocalNode[] = []

  /** A bus for one more node. */
  node(): Bus {
    const own: LocalNode = { name: nodeName(), receivers: [], facts: new Map() }
    this.nodes.push(own)
    const everywhere = (): Partial<Receivers>[] => this.nodes.flatMap(({ receivers }) => receivers)
    const elsewhere = (): Partial<Receivers>[] => this.others(own).flatMap(({ receivers }) => receivers)
    const others = (): boolean => this.nodes.length > 1
    return {
      node: own.name,
      get hasOthers() {
        return others()
      },
      publish: message => everywhere().forEach(({ frame }) => frame?.(message)),
      signal: async message => this.signal(message, own),
      committed: (roomId, entries) => elsewhere().forEach(({ committed }) => committed?.(roomId, entries)),
      control: control => everywhere().forEach(receivers => receivers.control?.(control)),
      tell: (fact) => {
        if (!others()) return
        const key = `${fact.topic}\n${fact.key}`
        if (JSON.stringify(own.facts.get(key)?.value) === JSON.stringify(fact.value)) return
        if (fact.value === undefined) own.facts.delete(key)
        else own.facts.set(key, fact)
        for (const receivers of elsewhere()) receivers.fact?.(own.name, fact, false)
      },
      ask: async (name, body, _waitMs, gone = new AbortController().signal) => this.ask(name, own, body, gone),
      subscribe: receivers => void own.receivers.push(receivers),
      isUp: () => true,
      close: async () => this.leave(own),
    }
  }

  /** The sender's own node first: most calls are on one. */
  private signal(message: PeerMessage, own: LocalNode): Reached {
    for (const { receivers } of [own, ...this.others(own)]) {
      const reached = signalHere(receivers, message)
      if (reached !== 'gone') return reached
    }
    return 'gone'
  }

  private async ask(name: string, own: LocalNode, body: unknown, gone: AbortSignal): Promise<string> {
    for (const { request } of this.others(own).find(node => node.name === name)?.receivers ?? []) {
      const answer = request?.(body, gone)
      if (answer) return answer
    }
    throw new ProtocolError('not_found', 'connection_id: no such connection')
  }

  private others(own: LocalNode): LocalNode[] {
    return this.nodes.filter(node => node !== own)
  }

  private leave(own: LocalNode): void {
    if (!this.nodes.includes(own)) return
    this.nodes.splice(this.nodes.indexOf(own), 1)
    for (const { receivers } of this.nodes) {
      for (const fact of own.facts.values()) receivers.forEach(other => other.fact?.(own.name, { ...fact, value: undefined } as Fact, true))
    }
  }
}

/**
 * The bus of a node that nobody tells anything.
 *
 * @param isShared whether other nodes write to the same database: what they commit is looked for there
 */
export function createLocalBus(isShared = false): Bus {
  const bus = new LocalWire().node()
  return isShared ? { ...bus, hasOthers: true } : bus
}
