import type { ClientFrame, ServerFrame } from '#shared/protocol/frames'
import type { ChatLine, LifecycleOptions } from '../../composables/connection/useConnectionLifecycle'
import { useConnectionLifecycle } from '../../composables/connection/useConnectionLifecycle'
import type { TransportName, WireEvents } from '../../utils/connection/wire'
import { greeting } from './line-server'

/** How the network treats one transport: greets at once, refuses at once, says nothing, or greets and breaks. */
export type Treatment = 'works' | 'refuses' | 'hangs' | 'dies'

/** One wire of a line, with both ends in the test's hands. */
export interface FakeWire {
  readonly transport: TransportName
  readonly sent: ClientFrame[]
  readonly events: WireEvents
  isOpen: boolean
}

/** A network in memory: what each transport meets is set by the test, and every wire is kept. */
export class FakeLines {
  readonly treatment: Record<TransportName, Treatment> = { websocket: 'works', sse: 'works', polling: 'works' }
  httpWorks = true
  readonly wires: FakeWire[] = []

  readonly createLine = (transport: TransportName, options: LifecycleOptions): ChatLine => useConnectionLifecycle((events) => {
    const wire: FakeWire = { transport, sent: [], events, isOpen: true }
    this.wires.push(wire)
    const timer = setTimeout(() => this.meet(wire), 10)
    return {
      send: (text) => {
        wire.sent.push(JSON.parse(text) as ClientFrame)
        if (wire.sent.at(-1)?.type === 'ping') this.deliver(wire, { type: 'pong', t: (wire.sent.at(-1) as { t: number }).t })
        return true
      },
      unsent: () => 0,
      close: () => {
        clearTimeout(timer)
        wire.isOpen = false
      },
    }
  }, options)

  /** The wires that are open, oldest first. */
  get open(): FakeWire[] {
    return this.wires.filter(wire => wire.isOpen)
  }

  /** The server's side: a frame comes, unless the client has hung up. */
  deliver(wire: FakeWire, frame: ServerFrame): void {
    queueMicrotask(() => wire.isOpen && wire.events.frame(frame, 1))
  }

  /** The network's side: a wire breaks. */
  cut(wire: FakeWire, code = 1006): void {
    if (!wire.isOpen) return
    wire.isOpen = false
    wire.events.closed({ code, reason: 'cut' })
  }

  private meet(wire: FakeWire): void {
    const treatment = this.treatment[wire.transport]
    if (treatment === 'hangs') return
    if (treatment === 'refuses') return this.cut(wire)
    wire.events.frame(greeting(wire.transport, { connection_id: `c${this.wires.length}` }), 1)
    if (treatment === 'dies') setTimeout(() => this.cut(wire), 30)
  }
}
