import type { Line } from './types'

/** The lines that answer each message, by its id, oldest first: replies to it, and what stands in its thread. */
export function repliesIn(room: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  const replies = new Map<string, Line[]>()
  for (const line of room) {
    if (line.replyTo === undefined && line.thread === undefined) continue
    for (const id of new Set([line.replyTo, line.thread])) {
      if (id === undefined || id === line.id) continue
      const known = replies.get(id)
      if (known) known.push(line)
      else replies.set(id, [line])
    }
  }
  return replies
}

/** Where a line stands in a room, or would. */
export function placeOf(room: readonly Line[], seq: number): number {
  let [low, high] = [0, room.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (room[middle]!.seq < seq) low = middle + 1
    else high = middle
  }
  return low
}
