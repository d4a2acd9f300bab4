import type { MediaState, Member, ServerFrameOf, User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { Membership } from '../rooms/types'

type Status = Member['status']
type PresenceEvent = ServerFrameOf<'presence'>['event']

/** A change of who is in a room, to be told to the room (PRS-1). */
export interface PresenceChange {
  roomId: string
  event: PresenceEvent
  member: Member
}

interface PresentPeer {
  readonly connections: Set<string>
  media: MediaState | null
  /** When it loses its place, unless it comes back before. */
  goneAt?: number
}

interface PresentUser {
  user: User
  role: Membership['role']
  muted: boolean
  status: Status
  readonly peers: Map<string, PresentPeer>
}

/**
 * Who is in which room, by user and by peer. A peer whose last connection went keeps its place for a while, so that a
 * reload is silent; its media state is remembered longer, so that a reconnect finds it (PRS-1, RTC-2). Nothing here
 * needs a clean shutdown: it is a set of leases in memory (invariant 5).
 */
export class Presence {
  private readonly rooms = new Map<string, Map<string, PresentUser>>()
  private readonly remembered = new Map<string, { media: MediaState, until: number }>()

  /** A peer's connection came. Returns what the room has to be told; nothing when the peer was only reconnecting. */
  enter(roomId: string, user: User, membership: Membership, peerId: string, connectionId: string): PresenceChange | undefined {
    const room = this.rooms.get(roomId) ?? new Map<string, PresentUser>()
    this.rooms.set(roomId, room)
    const known = room.get(user.id)
    const present = known ?? { user, role: membership.role, muted: membership.muted, status: 'online' as Status, peers: new Map<string, PresentPeer>() }
    room.set(user.id, present)
    const renamed = present.user.name !== user.name
    present.user = user
    const peer = present.peers.get(peerId)
    if (peer) {
      peer.connections.add(connectionId)
      peer.goneAt = undefined
      return renamed ? { roomId, event: 'update', member: toMember(present) } : undefined
    }
    const key = memoryKey(roomId, peerId)
    present.peers.set(peerId, { connections: new Set([connectionId]), media: this.remembered.get(key)?.media ?? null })
    this.remembered.delete(key)
    return { roomId, event: known ? 'update' : 'join', member: toMember(present) }
  }

  /**
   * A peer's connection went. The peer keeps its place until `until`.
   *
   * @param until milliseconds of the clock {@link expire} is called with; `now` for one that left on purpose or is known dead
   */
  exit(roomId: string, userId: string, peerId: string, connectionId: string, until: number): void {
    const peer = this.rooms.get(roomId)?.get(userId)?.peers.get(peerId)
    if (!peer?.connections.delete(connectionId) || peer.connections.size > 0) return
    peer.goneAt = until
  }

  /** Whether a peer has a place in a room. */
  holds(roomId: string, userId: string, peerId: string): boolean {
    return this.rooms.get(roomId)?.get(userId)?.peers.has(peerId) ?? false
  }

  /** Sets a peer's media state (RTC-2). */
  setMedia(roomId: string, userId: string, peerId: string, media: MediaState): PresenceChange | undefined {
    return this.change(roomId, userId, (present) => {
      const peer = present.peers.get(peerId)
      if (peer) peer.media = media
    })
  }

  /** Sets a user's status. */
  setStatus(roomId: string, userId: string, status: Status): PresenceChange | undefined {
    return this.change(roomId, userId, (present) => {
      present.status = status
    })
  }

  /** Takes over a changed standing in the room. */
  setMembership(roomId: string, userId: string, change: Partial<Membership>): PresenceChange | undefined {
    return this.change(roomId, userId, (present) => {
      present.role = change.role ?? present.role
      present.muted = change.muted ?? present.muted
    })
  }

  /** Everyone in a room. */
  members(roomId: string): Member[] {
    return [...this.rooms.get(roomId)?.values() ?? []].map(toMember)
  }

  /** How many people are in a room. */
  count(roomId: string): number {
    return this.rooms.get(roomId)?.size ?? 0
  }

  /** Takes away the places whose time has come. Returns what the rooms have to be told. */
  expire(now: number): PresenceChange[] {
    for (const [key, { until }] of this.remembered) {
      if (until <= now) this.remembered.delete(key)
    }
    const changes: PresenceChange[] = []
    for (const [roomId, room] of this.rooms) {
      for (const [userId, present] of room) {
        if (!this.expirePeers(roomId, present, now)) continue
        if (present.peers.size === 0) room.delete(userId)
        changes.push({ roomId, event: present.peers.size === 0 ? 'leave' : 'update', member: toMember(present) })
      }
      if (room.size === 0) this.rooms.delete(roomId)
    }
    return changes
  }

  private expirePeers(roomId: string, present: PresentUser, now: number): boolean {
    let gone = false
    for (const [peerId, peer] of present.peers) {
      if (peer.goneAt === undefined || peer.goneAt > now) continue
      present.peers.delete(peerId)
      if (peer.media) this.remembered.set(memoryKey(roomId, peerId), { media: peer.media, until: now + LIMITS.mediaMemoryMs - LIMITS.presenceGraceMs })
      gone = true
    }
    return gone
  }

  private change(roomId: string, userId: string, apply: (present: PresentUser) => void): PresenceChange | undefined {
    const present = this.rooms.get(roomId)?.get(userId)
    if (!present) return undefined
    apply(present)
    return { roomId, event: 'update', member: toMember(present) }
  }
}

function toMember(present: PresentUser): Member {
  return {
    userId: present.user.id,
    name: present.user.name,
    role: present.role,
    status: present.status,
    ...(present.muted && { muted: true }),
    peers: [...present.peers].map(([peer_id, { media }]) => ({ peer_id, media })),
  }
}

function memoryKey(roomId: string, peerId: string): string {
  return `${roomId}\n${peerId}`
}
