import type { TestServer } from './server'
import { get } from './session'
import type { TestUser } from './session'
import type { Client } from './client'
import { isEntry } from './client'
import type { Entry, ServerFrame } from '#shared/protocol/frames'

/**
 * A view of one room by the client's one rule (RES-7): an entry counts only when it is the next one, older ones
 * are ignored, a gap is filled from the log over HTTP, and an `ack` moves nothing.
 */
export class RoomReader {
  /** The entries applied, by their place in the log. */
  readonly applied = new Map<number, string>()
  /** The last entry applied. */
  cursor = 0
  /** How many entries came again after they were applied. */
  ignored = 0
  /** How often an entry came that was not the next one. */
  gaps = 0
  private epoch: string | undefined
  private ahead = new Map<number, ServerFrame>()

  constructor(readonly room: string) {}

  /** Follows a connection from now on. The caller joins, with {@link joinOptions}. */
  follow(client: Client): void {
    client.onFrame(frame => this.receive(frame))
  }

  /** What a join after a reconnect says. */
  get joinOptions(): { from_seq?: number, epoch?: string } {
    return this.epoch === undefined ? {} : { from_seq: this.cursor, epoch: this.epoch }
  }

  /** Fills the gap below what has arrived, until there is none. */
  async fill(server: Pick<TestServer, 'url'>, user: TestUser): Promise<void> {
    while (this.ahead.size > 0) {
      const { body } = await get(server, `/api/rooms/${this.room}/log?from_seq=${this.cursor}&limit=500`, user)
      const { entries } = body as { entries: Entry[] }
      if (entries.length === 0) throw new Error(`the log has nothing after ${this.cursor}, though ${[...this.ahead.keys()].join(', ')} came`)
      for (const entry of entries) this.apply(entry)
      this.drain()
    }
  }

  private receive(frame: ServerFrame): void {
    if (!('room' in frame) || frame.room !== this.room) return
    if (frame.type === 'room.reset') {
      this.applied.clear()
      this.cursor = 0
      this.epoch = undefined
    } else if (frame.type === 'room.state') {
      this.fresh = this.epoch === undefined
      this.epoch = frame.epoch
      this.cursor = Math.max(this.cursor, frame.floor)
    } else if (frame.type === 'replay.end') {
      if (this.fresh) this.cursor = frame.head
      this.fresh = false
      this.drain()
    } else if (isEntry(frame)) {
      this.apply(frame)
    }
  }

  private fresh = true

  private apply(frame: ServerFrame): void {
    if (!('seq' in frame) || frame.seq === undefined) return
    if (this.fresh) {
      // A fresh join shows messages with gaps between them; the cursor comes from its end.
      this.applied.set(frame.seq, key(frame))
    } else if (frame.seq <= this.cursor) {
      this.ignored++
    } else if (frame.seq === this.cursor + 1) {
      this.cursor = frame.seq
      this.applied.set(frame.seq, key(frame))
      this.drain()
    } else {
      this.gaps++
      this.ahead.set(frame.seq, frame)
    }
  }

  private drain(): void {
    for (const seq of [...this.ahead.keys()].sort((a, b) => a - b)) {
      if (seq > this.cursor + 1) return
      const frame = this.ahead.get(seq)
      this.ahead.delete(seq)
      if (seq === this.cursor + 1 && frame) {
        this.cursor = seq
        this.applied.set(seq, key(frame))
      }
    }
  }
}

/** What makes an entry the same entry on every path. */
function key(frame: ServerFrame): string {
  const type = frame.type === 'message.replay' ? 'message.new' : frame.type
  return 'content' in frame && frame.content ? `${type} ${frame.content.text}` : type
}
