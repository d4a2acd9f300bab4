import type { Bus, PeerMessage, Reached, Receivers } from './index'

/** The nodes of one process. What one publishes has been delivered to all of them when `publish` returns. */
export class LocalWire {
  private readonly nodes: Partial<Receivers>[][] = []

  /** A bus for one more node. */
  node(): Bus {
    const own: Partial<Receivers>[] = []
    this.nodes.push(own)
    const everywhere = (): Partial<Receivers>[] => this.nodes.flat()
    return {
      publish: message => everywhere().forEach(({ frame }) => frame?.(message)),
      signal: async message => this.signal(message, own),
      committed: (roomId, entries) => this.nodes.filter(node => node !== own).flat().forEach(({ committed }) => committed?.(roomId, entries)),
      control: control => everywhere().forEach(receivers => receivers.control?.(control)),
      subscribe: receivers => void own.push(receivers),
    }
  }

  /** The sender's own node first: most calls are on one. */
  private signal(message: PeerMessage, own: readonly Partial<Receivers>[]): Reached {
    const others = this.nodes.filter(node => node !== own).flat()
    for (const { signal } of [...own, ...others]) {
      const reached = signal?.(message) ?? 'gone'
      if (reached !== 'gone') return reached
    }
    return 'gone'
  }
}

/** The bus of a single node. */
export function createLocalBus(): Bus {
  return new LocalWire().node()
}
