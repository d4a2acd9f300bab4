import type { Taker } from './shares'

/** How many places of a pool are taken: in all, and by those a taker has something in common with. */
export interface Places {
  all: number
  room: number
  user: number
  address: number
}

/** Counts the places of a pool that is everybody's, for somebody who wants one. */
export function placesOf(taken: readonly Taker[], { userId, roomId, address }: Taker): Places {
  const count = (is: (other: Taker) => boolean): number => taken.filter(is).length
  return {
    all: taken.length,
    room: count(other => other.roomId === roomId),
    user: count(other => other.userId === userId),
    address: address === undefined ? 0 : count(other => other.address === address),
  }
}
