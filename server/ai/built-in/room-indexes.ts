import type { Entry } from '#shared/protocol/frames'
import { createRoomIndex } from './room-index'
import type { RoomIndex } from './room-index'
import type { RoomReader } from './types'

/** The indexes of the rooms that were asked about last. */
export interface RoomIndexes {
  /** A room's index; the one that was asked for the longest ago makes room for it. */
  of: (roomId: string, name: string) => RoomIndex
  /** Takes committed entries, for the rooms it holds: to be given to `RoomLog.onCommitted`. */
  apply: (roomId: string, entries: readonly Entry[]) => void
}

/** @param most how many rooms are held at once: a long one takes some 10 MB */
export function createRoomIndexes(readerOf: (roomId: string) => RoomReader, most = 16): RoomIndexes {
  const held = new Map<string, RoomIndex>()
  return {
    of(roomId, name) {
      const index = held.get(roomId) ?? createRoomIndex(name, readerOf(roomId))
      held.delete(roomId)
      held.set(roomId, index)
      if (held.size > most) held.delete(held.keys().next().value!)
      return index
    },
    apply: (roomId, entries) => held.get(roomId)?.apply(entries),
  }
}
