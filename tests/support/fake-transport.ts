import type { OutgoingFrame } from '../../server/realtime/outgoing'
import type { Transport } from '../../server/realtime/outbox'
import { LIMITS } from '../../shared/protocol/limits'
import type { ServerFrame, ServerFrameOf, ServerFrameType } from '../../shared/protocol/frames'

/** A transport in memory whose network the test owns: it records what is written, and buffers as told. */
export class FakeTransport implements Transport {
  readonly kind = 'websocket'
  readonly stalledMs = LIMITS.stalledMs
  bufferedBytes = 0
  /** While true, written bytes stay in the buffer, as with a client that does not read. */
  stalled = false
  paused = false
  readonly writes: ServerFrame[][] = []
  closed?: { code: number, reason: string }

  get frames(): ServerFrame[] {
    return this.writes.flat()
  }

  ofType<T extends ServerFrameType>(type: T): ServerFrameOf<T>[] {
    return this.frames.filter((frame): frame is ServerFrameOf<T> & ServerFrame => frame.type === type)
  }

  write(frames: readonly OutgoingFrame[]): number {
    this.writes.push(frames.map(frame => JSON.parse(frame.json) as ServerFrame))
    const bytes = frames.reduce((sum, frame) => sum + frame.webSocketBytes.length, 0)
    if (this.stalled) this.bufferedBytes += bytes
    return bytes
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }

  pause(paused: boolean): void {
    this.paused = paused
  }
}
