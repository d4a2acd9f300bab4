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
  /** Forgets them all: they are read anew when they are asked for. */
  forget: () => void
}

/** What all that are held may take, as {@link RoomIndex.size} counts it: short rooms by the dozen, long ones one or two. */
const MOST_SIZE = 48_000_000

/** @param most how many rooms are held at once, and how much all of them may take */
export function createRoomIndexes(readerOf: (roomId: string) => RoomReader, most = 16, mostSize = MOST_SIZE): RoomIndexes {
  const held = new Map<string, RoomIndex>()
  function fit(): void {
    let size = [...held.values()].reduce((sum, index) => sum + index.size(), 0)
    for (const [roomId, index] of held) {
      // The one that was asked for last is in use.
      if (held.size === 1 || (held.size <= most && size <= mostSize)) return
      held.delete(roomId)
      size -= index.size()
    }
  }

  return {
    of(roomId, name) {
      const index = held.get(roomId) ?? createRoomIndex(name, readerOf(roomId))
      held.delete(roomId)
      held.set(roomId, index)
      fit()
      return index
    },
    apply: (roomId, entries) => held.get(roomId)?.apply(entries),
    forget: () => held.clear(),
  }
}
