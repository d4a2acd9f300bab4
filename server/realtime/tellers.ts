import type { Bus } from './bus'
import type { FactValue, Present } from './bus/facts'
import type { CallPlaces } from '../work/call-places'
import type { Knock } from './knocks'

export interface TellersOptions {
  bus: Pick<Bus, 'tell' | 'hasOthers'>
  callPlaces?: CallPlaces
  onError: (error: unknown, where: string) => void
}

/** What a node tells the others of itself, where there may be others. Each says what is true now, and nothing where nothing is. */
export interface Tellers {
  /** @param key `u` and a user's id, or `a` and an address */
  connections: (key: string, count: number) => void
  present: (roomId: string, userId: string, part: () => Present | undefined) => void
  place: (roomId: string, peerId: string, given: () => Pick<FactValue<'place'>, 'user' | 'at'> | undefined) => void
  knock: (knock: Knock, knocks: boolean) => void
}

export function createTellers({ bus, callPlaces, onError }: TellersOptions): Tellers {
  return {
    connections(key, count) {
      if (bus.hasOthers) bus.tell({ topic: 'connections', key, value: count > 0 ? count : undefined })
    },
    present(roomId, userId, part) {
      if (bus.hasOthers) bus.tell({ topic: 'present', key: `${roomId}\n${userId}`, value: part() })
    },
    place(roomId, peerId, given) {
      if (!bus.hasOthers) return
      const place = given()
      if (!place) callPlaces?.release(roomId, peerId).catch((error: unknown) => onError(error, 'giving up a place'))
      bus.tell({ topic: 'place', key: `${roomId}\n${peerId}`, value: place && { roomId, peerId, ...place } })
    },
    knock({ roomId, room, userId, userName }, knocks) {
      if (bus.hasOthers) bus.tell({ topic: 'knock', key: `${roomId}\n${userId}`, value: knocks ? { roomId, room, userId, userName } : undefined })
    },
  }
}
