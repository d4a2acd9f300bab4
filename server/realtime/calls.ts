import { nanoid } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import type { User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'

/** A place in a call, given to one peer. */
interface Place {
  user: User
  /** Which entry into a call it was given for, counted over all calls of this run of the server. */
  n: number
  /** When it was given, in milliseconds since 1970. */
  at: number
  /** When it is given up, unless the peer's connection comes back before. */
  goneAt?: number
  /** The node that gave it, where that is another one. */
  elsewhere?: string
  /** That node is gone: every other one waits for the peer's return. */
  isOrphan?: true
}

/** One room's call, from the first who takes a place until it is known to be over. */
interface RoomCall {
  readonly places: Map<string, Place>
  /** Who came or went last. */
  user: User
  /** When it is over, unless somebody takes a place before. */
  overAt?: number
}

/** What became of a room's call. */
export interface CallChange {
  roomId: string
  state: 'started' | 'ended'
  /** Who began it, or left it last. */
  user: User
}

/**
 * The places in each room's call (RTC-5). One who has none is not in the call, whatever a client says. They are leases in memory:
 * a peer whose connection is cut keeps its place for as long as its media state is remembered (RTC-2).
 */
export class Calls {
  private readonly rooms = new Map<string, RoomCall>()
  private readonly run = nanoid(10)
  private entries = 0

  /**
   * @param onChange told when a call starts or ends
   * @param onPlace told that a place was given here, or given up: see {@link placeHere}
   */
  constructor(private readonly onChange: (change: CallChange) => void, private readonly onPlace: (roomId: string, peerId: string) => void = () => undefined) {}

  /** The place that this node has given to a peer, as it tells others of it. */
  placeHere(roomId: string, peerId: string): { user: User, at: number } | undefined {
    const place = this.rooms.get(roomId)?.places.get(peerId)
    return place && isHere(place) ? { user: place.user, at: place.at } : undefined
  }

  /** Another node has given a place, or, without one, its place is given up. */
  hear(node: string, roomId: string, peerId: string, given: { user: User, at: number } | undefined): void {
    const call = this.rooms.get(roomId)
    const known = call?.places.get(peerId)
    if (!given) {
      if (known?.elsewhere === node) call?.places.delete(peerId)
      return
    }
    if (known && isHere(known) && known.at > given.at) return
    const { places } = call ?? this.begin(roomId, given.user)
    places.set(peerId, { ...given, n: known?.n ?? 0, elsewhere: node })
    this.onPlace(roomId, peerId)
  }

  /** A node is gone without a word: the place waits for its peer to come back. */
  orphaned(node: string, roomId: string, peerId: string, until: number): void {
    const place = this.rooms.get(roomId)?.places.get(peerId)
    if (place?.elsewhere !== node) return
    place.elsewhere = undefined
    place.isOrphan = true
    place.goneAt = until
  }

  /**
   * Gives a peer a place, or confirms the one it has.
   *
   * @param isEntry whether it enters anew, as after a reload: its place then counts as the newest
   * @returns the place's order, `<run>.<n>`: places of one run are ordered by `n`
   * @throws ProtocolError `conflict` when all places are taken
   */
  take(roomId: string, user: User, peerId: string, isEntry: boolean): string {
    const before = this.rooms.get(roomId)
    const known = before?.places.get(peerId)
    if (!known && before && before.places.size >= LIMITS.callPlaces) this.makeRoom(before, user.id)
    const call = before ?? this.begin(roomId, user)
    // A place of another node has no order among those of this one.
    const n = known && !isEntry && known.n > 0 ? known.n : ++this.entries
    call.places.set(peerId, { user, n, at: known && !isEntry && isHere(known) ? known.at : Math.max(Date.now(), (known?.at ?? 0) + 1) })
    call.user = user
    call.overAt = undefined
    this.onPlace(roomId, peerId)
    if (!before) this.onChange({ roomId, state: 'started', user })
    return this.order(n)
  }

  /** Looks whether a peer would get a place. @throws ProtocolError `conflict` when all are taken, as far as this node knows */
  requirePlace(roomId: string, peerId: string, userId: string): void {
    const call = this.rooms.get(roomId)
    if (!call || call.places.has(peerId) || call.places.size < LIMITS.callPlaces) return
    if (![...call.places.keys()].some(other => this.isLeft(roomId, other, userId))) throw isFull()
  }

  /** Whether a place is left over from a tab of this user that is gone. */
  isLeft(roomId: string, peerId: string, userId: string): boolean {
    const place = this.rooms.get(roomId)?.places.get(peerId)
    return place?.user.id === userId && place.goneAt !== undefined
  }

  /** Whether a peer has a place. */
  holds(roomId: string, peerId: string): boolean {
    return this.rooms.get(roomId)?.places.has(peerId) ?? false
  }

  /** Gives a peer's place up. */
  free(roomId: string, peerId: string, now: number): void {
    const call = this.rooms.get(roomId)
    const place = call?.places.get(peerId)
    if (!call || !place) return
    call.places.delete(peerId)
    call.user = place.user
    // Somebody who leaves and comes back, or is followed by another, goes on with the same call.
    if (call.places.size === 0) call.overAt = now + LIMITS.callGraceMs
    this.onPlace(roomId, peerId)
  }

  /** Gives up all places of one who was removed from the room. */
  freeUser(roomId: string, userId: string, now: number): void {
    for (const [peerId, { user }] of [...this.rooms.get(roomId)?.places ?? []]) {
      if (user.id === userId) this.free(roomId, peerId, now)
    }
  }

  /** A peer's last connection went: its place is given up at `until`. */
  away(roomId: string, peerId: string, until: number): void {
    const place = this.rooms.get(roomId)?.places.get(peerId)
    if (place && isHere(place)) place.goneAt = until
  }

  /** A peer's connection is back. */
  back(roomId: string, peerId: string): void {
    const place = this.rooms.get(roomId)?.places.get(peerId)
    if (!place) return
    place.goneAt = undefined
    if (isHere(place)) return
    // From now on this node is the one that keeps it.
    Object.assign(place, { elsewhere: undefined, isOrphan: undefined, at: Math.max(Date.now(), place.at + 1) })
    this.onPlace(roomId, peerId)
  }

  /** Whether a call is on, or just over. */
  isOn(roomId: string): boolean {
    return this.rooms.has(roomId)
  }

  /** Gives up the places whose time has come, and ends the calls nobody is in. */
  expire(now: number): void {
    for (const [roomId, call] of this.rooms) {
      for (const [peerId, { goneAt }] of call.places) {
        if (goneAt !== undefined && goneAt <= now) this.free(roomId, peerId, now)
      }
      // The last one may have left on another node.
      call.overAt = call.places.size > 0 ? undefined : call.overAt ?? now + LIMITS.callGraceMs
      if (call.overAt === undefined || call.overAt > now) continue
      this.rooms.delete(roomId)
      this.onChange({ roomId, state: 'ended', user: call.user })
    }
  }

  /** A full call has room for one whose own place is left over from a tab that is gone. */
  private makeRoom(call: RoomCall, userId: string): void {
    const left = [...call.places].find(([, { user, goneAt }]) => user.id === userId && goneAt !== undefined)
    if (!left) throw isFull()
    call.places.delete(left[0])
  }

  private begin(roomId: string, user: User): RoomCall {
    const call: RoomCall = { places: new Map(), user }
    this.rooms.set(roomId, call)
    return call
  }

  private order(n: number): string {
    return `${this.run}.${n}`
  }
}

function isFull(): ProtocolError {
  return new ProtocolError('conflict', `in_call: the call is full, ${LIMITS.callPlaces} people are in it`)
}

function isHere({ elsewhere, isOrphan }: Place): boolean {
  return elsewhere === undefined && !isOrphan
}
