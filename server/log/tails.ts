import type { Entry } from '#shared/protocol/frames'
import { RoomTail } from './tail'
import type { LogSlice } from './types'

/** Rooms whose newest entries are held in memory; the least recently used one gives way. */
const MAX_TAILS = 512

/** Loads, keeps and forgets {@link RoomTail}s. What is committed while a tail loads is applied to it afterwards. */
export class RoomTails {
  private readonly tails = new Map<string, RoomTail>()
  private readonly loading = new Map<string, { promise: Promise<RoomTail>, missed: Entry[] }>()

  constructor(private readonly load: (roomId: string) => Promise<LogSlice>) {}

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
    if (tail && !tail.apply(entries)) this.tails.delete(roomId)
    this.loading.get(roomId)?.missed.push(...entries)
  }

  /** Forgets what is in memory of a room; it is read anew when asked for. */
  forget(roomId: string): void {
    this.tails.delete(roomId)
  }

  private keep(roomId: string, tail: RoomTail): void {
    this.tails.set(roomId, tail)
    if (this.tails.size <= MAX_TAILS) return
    const oldest = this.tails.keys().next().value
    if (oldest !== undefined) this.tails.delete(oldest)
  }
}
