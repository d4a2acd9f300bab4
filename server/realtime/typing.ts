import { LIMITS } from '#shared/protocol/limits'

/** Someone who types in a room. */
export interface Typist {
  roomId: string
  room: string
  userId: string
  userName: string
}

/** Who is typing where; each is a lease that ends by itself (TYP-1). */
export class Typing {
  private readonly leases = new Map<string, Typist & { until: number, elsewhere?: true }>()

  /** Starts or extends a lease. Returns whether that is news to the room. */
  start(typist: Typist, now: number): boolean {
    const key = keyOf(typist.roomId, typist.userId)
    const news = !this.leases.has(key)
    this.leases.set(key, { ...typist, until: now + LIMITS.typingMs })
    return news
  }

  /** Somebody types on another node, or does not any more. Their own node tells of it; where it does not, it ends a little later. */
  hear(typist: Typist, active: boolean, now: number): void {
    const key = keyOf(typist.roomId, typist.userId)
    const known = this.leases.get(key)
    if (known && !known.elsewhere) return
    if (active) this.leases.set(key, { ...typist, until: now + 2 * LIMITS.typingMs, elsewhere: true })
    else this.leases.delete(key)
  }

  /** Ends a lease. Returns who had it, if anyone. */
  stop(roomId: string, userId: string): Typist | undefined {
    const key = keyOf(roomId, userId)
    const typist = this.leases.get(key)
    this.leases.delete(key)
    return typist
  }

  /** Whether anybody types in a room, apart from one. */
  inRoom(roomId: string, exceptUser?: string): boolean {
    for (const lease of this.leases.values()) if (lease.roomId === roomId && lease.userId !== exceptUser) return true
    return false
  }

  /** Ends the leases that ran out, and returns whose they were: `elsewhere` where each node finds that by itself. */
  expire(now: number): (Typist & { elsewhere?: true })[] {
    const ended = [...this.leases.values()].filter(lease => lease.until <= now)
    for (const lease of ended) this.leases.delete(keyOf(lease.roomId, lease.userId))
    return ended
  }
}

function keyOf(roomId: string, userId: string): string {
  return `${roomId}\n${userId}`
}
