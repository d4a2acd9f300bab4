import type { Entry } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import { RoomTail } from './tail'
import type { LogSlice } from './types'

/** Rooms whose newest entries are held in memory, however short they are. */
const MAX_TAILS = 512

/**
 * Loads, keeps and forgets {@link RoomTail}s, the least recently used first: as many as fit by their number and by what they take
 * together, for a room of long messages takes a hundred times what a short one does. What is committed while a tail loads is
 * applied to it afterwards.
 */
export class RoomTails {
  private readonly tails = new Map<string, RoomTail>()
  private readonly loading = new Map<string, { promise: Promise<RoomTail>, missed: Entry[] }>()

  private held = 0

  /** @param most bytes of all that are kept, about */
  constructor(private readonly load: (roomId: string) => Promise<LogSlice>, private readonly most: number = LIMITS.tailsBytes) {}

  /** What is held in memory, in bytes, about. */
  get bytes(): number {
    return this.held
  }

  /** The tail of a room, loaded where it is not in memory yet. */
  async get(roomId: string): Promise<RoomTail> {
    const tail = this.tails.get(roomId)
    if (tail) {
      this.tails.delete(roomId)
      this.tails.set(roomId, tail)
      return tail
    }
    const under = this.loading.get(roomId)
    if (under) return under.promise
    const missed: Entry[] = []
    const promise = this.load(roomId).then((slice) => {
      const loaded = new RoomTail(slice)
      if (loaded.apply(missed)) this.keep(roomId, loaded)
      return loaded
    }).finally(() => this.loading.delete(roomId))
    this.loading.set(roomId, { promise, missed })
    return promise
  }

  /** Takes in what was committed. A tail that another writer got ahead of is forgotten, and read anew when asked for. */
  apply(roomId: string, entries: readonly Entry[]): void {
    const tail = this.tails.get(roomId)
    if (tail) {
      const before = tail.bytes
      const whole = tail.apply(entries)
      this.held += tail.bytes - before
      if (whole) this.fit()
      else this.forget(roomId)
    }
    this.loading.get(roomId)?.missed.push(...entries)
  }

  /** Forgets what is in memory of a room; it is read anew when asked for. */
  forget(roomId: string): void {
    this.held -= this.tails.get(roomId)?.bytes ?? 0
    this.tails.delete(roomId)
  }

  forgetAll(): void {
    this.tails.clear()
    this.held = 0
  }

  private keep(roomId: string, tail: RoomTail): void {
    this.forget(roomId)
    this.tails.set(roomId, tail)
    this.held += tail.bytes
    this.fit()
  }

  private fit(): void {
    for (const roomId of this.tails.keys()) {
      if (this.tails.size <= MAX_TAILS && this.held <= this.most) return
      this.forget(roomId)
    }
  }
}
