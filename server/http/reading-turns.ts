import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { LOOP } from '../limits/rounds'
import type { Rounds } from '../limits/rounds'

/**
 * Bytes that are taken apart at once: of the shortest frames or requests the least are some dozens. Who sends long things, which take
 * no time, has twice as many each time, up to the most.
 */
const SLICE_BYTES = { least: 1024, most: 16_384 }
/** What a slice takes at most whose sender has little to say, or long things, in milliseconds; and what of a round of the event loop is for the others. */
const LIGHT_MS = 0.2
const LONG_MS = 0.05
const ROUND_MS = 4

/** What one connection brought that is not taken apart yet; null stands for its end. */
interface Held {
  readonly socket: Socket
  readonly chunks: (Buffer | null)[]
  /** Hands the next slice on. */
  feed: () => void
}

/**
 * Shares the time for reading among connections. The network hands over 64 KiB of each at once, and what is in them, be it thousands of
 * the shortest requests, frames or pieces of a body, would all be taken apart before anybody else is heard. So it is handed on in
 * slices: one whose slices take long waits for its turn with the next one, and its connection is not read meanwhile. One that was
 * closed in one slice has no next one.
 *
 * Nothing changes for who reads the connection: its bytes come as they would from a slower network, in order, and as far as it wants
 * them. What is shared is the time that was taken, so that a long message costs no more than it is worth.
 */
export class ReadingTurns {
  private readonly waiting: Held[] = []
  private used = 0
  private scheduled = false

  constructor(private readonly rounds: Rounds = LOOP) {}

  /** Takes over how a socket's bytes get from the network into its stream (`push` and `_read` of https://nodejs.org/api/stream.html). */
  pace(socket: Socket): void {
    const chunks: (Buffer | null)[] = []
    const push = socket.push.bind(socket)
    const read = socket._read.bind(socket)
    let isLight = false
    let size = SLICE_BYTES.least
    const give = (slice: Buffer): boolean => {
      const began = this.rounds.now()
      const more = push(slice)
      const took = this.rounds.now() - began
      isLight = took < LIGHT_MS
      if (!isLight) size = SLICE_BYTES.least
      else if (took < LONG_MS && slice.length >= size) size = Math.min(size * 2, SLICE_BYTES.most)
      this.used += took
      if (this.used >= ROUND_MS) this.schedule()
      return more
    }
    const held: Held = {
      socket,
      chunks,
      feed() {
        const chunk = chunks.shift()
        if (chunk === undefined) return
        if (chunk === null) return void push(null)
        if (chunk.length > size) chunks.unshift(chunk.subarray(size))
        give(chunk.subarray(0, size))
      },
    }
    socket.push = (chunk: Buffer | null): boolean => {
      const isFree = chunks.length === 0
      if (isFree && chunk === null) return push(null)
      if (isFree && chunk!.length <= size && (isLight || this.used < ROUND_MS)) return give(chunk!)
      chunks.push(chunk)
      if (isFree) {
        if (isLight) held.feed()
        this.wait(held)
      }
      // The network keeps the rest.
      return false
    }
    socket._read = (size: number): void => {
      if (chunks.length === 0) read(size)
    }
  }

  /** Connections that have more to be read than was their turn. */
  get size(): number {
    return this.waiting.length
  }

  private wait(held: Held): void {
    this.waiting.push(held)
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    this.rounds.next(() => this.round())
  }

  private round(): void {
    this.scheduled = false
    this.used = 0
    while (this.used < ROUND_MS) {
      const held = this.waiting.shift()
      if (!held) return
      if (held.socket.destroyed) held.chunks.length = 0
      else held.feed()
      if (held.chunks.length > 0) this.waiting.push(held)
    }
    if (this.waiting.length > 0) this.schedule()
  }
}

/**
 * Shares the time for reading among all connections of a server.
 *
 * @param event when it has a new one: `secureConnection` where it is encrypted
 */
export function paceReading(server: Server, event: 'connection' | 'secureConnection' = 'connection', turns = new ReadingTurns()): void {
  server.on(event, (socket: Socket) => {
    if (socket.destroyed) return
    turns.pace(socket)
    // Node's server takes bytes past the stream until somebody listens to it (`unconsume`); one that is encrypted it never does.
    socket.once('data', () => undefined)
  })
}
