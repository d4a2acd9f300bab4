import { LIMITS } from '#shared/protocol/limits'

/** Somebody at the door of a locked room (ACC-5). */
export interface Knock {
  readonly roomId: string
  /** The room's name. */
  readonly room: string
  readonly userId: string
  readonly userName: string
}

/** What became of a knock: heard now, heard before, not now, or too many at the door. */
export type Knocked = 'new' | 'known' | 'full' | { waitMs: number }

interface Waiting extends Knock {
  /** The node that has its person, where that is another one; `gone` where that one is gone, and every other one waits for their return. */
  elsewhere?: string | 'gone'
  /** When it ends, once nobody is behind it any more. */
  goneAt?: number
}

/**
 * Who knocks at which room. A knock lasts as long as its person is connected, and a little longer, so that a reload does not
 * take it back. One who was turned away cannot knock at once again. A lease in memory: nothing here needs a clean shutdown.
 */
export class Knocks {
  private readonly rooms = new Map<string, Map<string, Waiting>>()
  private readonly turnedAway = new Map<string, number>()

  /** @param onOwn told that somebody knocks by this node, or does not any more */
  constructor(private readonly onOwn: (knock: Knock, knocks: boolean) => void = () => undefined) {}

  /** Somebody knocks by another node, or does not any more. */
  hear(node: string, roomId: string, userId: string, knock: Knock | undefined): void {
    const known = this.rooms.get(roomId)?.get(userId)
    if (knock && !known) this.put({ ...knock, elsewhere: node })
    else if (knock && known) this.own({ ...known, elsewhere: node, goneAt: undefined }, known)
    else if (known?.elsewhere === node) this.take(roomId, userId)
  }

  /** A node is gone without a word: whoever knocked by it may come back to any other. */
  orphaned(node: string, roomId: string, userId: string): void {
    const known = this.rooms.get(roomId)?.get(userId)
    if (known?.elsewhere === node) known.elsewhere = 'gone'
  }

  /** @param now milliseconds of the hub's clock */
  add(knock: Knock, now: number): Knocked {
    const room = this.rooms.get(knock.roomId) ?? new Map<string, Waiting>()
    const known = room.get(knock.userId)
    if (known) {
      this.own({ ...known, elsewhere: undefined, goneAt: undefined }, known)
      return 'known'
    }
    const waitMs = (this.turnedAway.get(keyOf(knock)) ?? 0) - now
    if (waitMs > 0) return { waitMs }
    if (room.size >= LIMITS.knocksPerRoom) return 'full'
    this.put({ ...knock })
    return 'new'
  }

  /** Ends a knock. Returns it, or undefined where nobody knocks. */
  take(roomId: string, userId: string): Knock | undefined {
    const room = this.rooms.get(roomId)
    const knock = room?.get(userId)
    room?.delete(userId)
    if (room?.size === 0) this.rooms.delete(roomId)
    if (knock && knock.elsewhere === undefined) this.onOwn(knock, false)
    return knock
  }

  /** Ends a knock and lets the same person knock no more for a while. */
  turnAway(roomId: string, userId: string, now: number): Knock | undefined {
    const knock = this.take(roomId, userId)
    if (knock) this.notAgain(roomId, userId, now)
    return knock
  }

  /** Somebody was turned away, on whichever node. */
  notAgain(roomId: string, userId: string, now: number): void {
    this.turnedAway.set(keyOf({ roomId, userId }), now + LIMITS.knockAgainMs)
  }

  /** The knock of a user at the room of this name. */
  of(userId: string, roomName: string): Knock | undefined {
    for (const room of this.rooms.values()) {
      const knock = room.get(userId)
      if (knock?.room === roomName) return knock
    }
    return undefined
  }

  /** Who is at the door of a room, the first one first. */
  at(roomId: string): readonly Knock[] {
    return [...this.rooms.get(roomId)?.values() ?? []]
  }

  /**
   * Ends the knocks nobody stands behind any more.
   *
   * @param isHere whether a user is connected
   * @returns the knocks that ended; `isOrphan` where each node finds that by itself
   */
  expire(now: number, isHere: (userId: string) => boolean): (Knock & { isOrphan: boolean })[] {
    for (const [key, until] of this.turnedAway) {
      if (until <= now) this.turnedAway.delete(key)
    }
    const ended: (Knock & { isOrphan: boolean })[] = []
    for (const room of this.rooms.values()) {
      for (const knock of room.values()) {
        if (knock.elsewhere !== undefined && knock.elsewhere !== 'gone') continue
        knock.goneAt = isHere(knock.userId) ? undefined : knock.goneAt ?? now + LIMITS.knockGraceMs
        if (knock.goneAt !== undefined && knock.goneAt <= now) ended.push({ ...knock, isOrphan: knock.elsewhere === 'gone' })
      }
    }
    for (const { roomId, userId } of ended) this.take(roomId, userId)
    return ended
  }

  private put(knock: Waiting): void {
    const room = this.rooms.get(knock.roomId) ?? new Map<string, Waiting>()
    this.rooms.set(knock.roomId, room.set(knock.userId, knock))
    if (knock.elsewhere === undefined) this.onOwn(knock, true)
  }

  /** A knock passes from one node to another. */
  private own(knock: Waiting, before: Waiting): void {
    this.put(knock)
    if (before.elsewhere === undefined && knock.elsewhere !== undefined) this.onOwn(knock, false)
  }
}

function keyOf({ roomId, userId }: Pick<Knock, 'roomId' | 'userId'>): string {
  return `${roomId}\n${userId}`
}
