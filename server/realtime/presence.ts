import type { MediaState, Member, ServerFrameOf, User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { Membership } from '../rooms/types'
import type { Present } from './bus/facts'
import { comeHere, hearOf, isMine, orphan, partOf } from './presence-elsewhere'
import type { MediaControl, PresentPeer, PresentUser, Remembered, Status } from './presence-elsewhere'

type PresenceEvent = ServerFrameOf<'presence'>['event']

/** A change of who is in a room, to be told to the room (PRS-1). */
export interface PresenceChange {
  roomId: string
  event: PresenceEvent
  member: Member
}

/**
 * Who is in which room, by user and by peer. A peer whose last connection went keeps its place for a while, so that a
 * reload is silent; its media state is remembered longer, so that a reconnect finds it (PRS-1, RTC-2). Nothing here
 * needs a clean shutdown: it is a set of leases in memory (invariant 5). Peers on other nodes stand among them, as those nodes tell.
 */
export class Presence {
  private readonly rooms = new Map<string, Map<string, PresentUser>>()
  /** The media state of peers that have gone, by room and user. */
  private readonly remembered = new Map<string, Map<string, Remembered>>()

  /** @param onChange what this node has to tell others of a user in a room may have changed: see {@link part} */
  constructor(private readonly onChange: (roomId: string, userId: string) => void = () => undefined) {}

  /** What this node tells others of a user in a room; nothing where it has nobody to tell of. */
  part(roomId: string, userId: string): Present | undefined {
    return partOf(roomId, this.rooms.get(roomId)?.get(userId), this.remembered.get(memoryKey(roomId, userId)))
  }

  /** What another node tells of a user in a room; without a value nothing any more. Returns what those who listen here have to be told. */
  hear(node: string, roomId: string, userId: string, present: Present | undefined, now: number): PresenceChange | undefined {
    return this.compared(roomId, userId, () => {
      const { user, left } = hearOf(this.rooms.get(roomId)?.get(userId), node, present)
      for (const [peerId, media, control] of left) this.remember(roomId, userId, peerId, { media, control, until: now + MEMORY_MS })
      this.put(roomId, userId, user)
    })
  }

  /** A node is gone without a word: its peers are as those whose connections were cut. */
  orphaned(node: string, roomId: string, userId: string, now: number): void {
    orphan(this.rooms.get(roomId)?.get(userId), node, now + LIMITS.presenceGraceMs)
  }

  /** Whether a newer connection of a peer is on another node (CON-8). */
  isElsewhere(roomId: string, userId: string, peerId: string): boolean {
    return this.rooms.get(roomId)?.get(userId)?.peers.get(peerId)?.elsewhere !== undefined
  }

  /** A peer's connection came. Returns what the room has to be told; nothing when the peer was only reconnecting. */
  enter(roomId: string, user: User, membership: Membership, peerId: string, connectionId: string): PresenceChange | undefined {
    const room = this.rooms.get(roomId) ?? new Map<string, PresentUser>()
    this.rooms.set(roomId, room)
    const known = room.get(user.id)
    const present = known ?? { user, role: membership.role, muted: membership.muted, status: 'online' as Status, statusAt: 0, peers: new Map<string, PresentPeer>() }
    room.set(user.id, present)
    this.soon(roomId, user.id)
    const renamed = present.user.name !== user.name
    present.user = user
    const peer = present.peers.get(peerId)
    if (peer) {
      comeHere(peer, connectionId)
      return renamed ? { roomId, event: 'update', member: toMember(present) } : undefined
    }
    makeRoom(present.peers)
    const memory = this.remembered.get(memoryKey(roomId, user.id))
    const { media = null, control } = memory?.get(peerId) ?? {}
    present.peers.set(peerId, { connections: new Set([connectionId]), media, control, at: Date.now() })
    memory?.delete(peerId)
    return { roomId, event: known ? 'update' : 'join', member: toMember(present) }
  }

  /**
   * A peer's connection went. The peer keeps its place until `until`.
   *
   * @param until milliseconds of the clock {@link expire} is called with; `now` for one that left on purpose or is known dead
   */
  exit(roomId: string, userId: string, peerId: string, connectionId: string, until: number): void {
    const peer = this.rooms.get(roomId)?.get(userId)?.peers.get(peerId)
    if (!peer?.connections.delete(connectionId) || peer.connections.size > 0 || peer.elsewhere) return
    peer.goneAt = until
    this.onChange(roomId, userId)
  }

  /** Whether a peer has a place in a room. */
  holds(roomId: string, userId: string, peerId: string): boolean {
    return this.rooms.get(roomId)?.get(userId)?.peers.has(peerId) ?? false
  }

  /**
   * Sets a peer's media state (RTC-2). What a moderator switched off stays so until the peer has heard of it.
   *
   * @param connectionId over which the peer said it
   */
  setMedia(roomId: string, userId: string, peerId: string, media: MediaState, connectionId: string): PresenceChange | undefined {
    return this.change(roomId, userId, (present) => {
      const peer = present.peers.get(peerId)
      if (!peer || peer.elsewhere) return
      if (!media.in_call || peer.control?.told.has(connectionId)) peer.control = undefined
      peer.media = { ...media, ...switchedOff(peer.control) }
    })
  }

  /** The peers of a user that are in the call, on whichever node (RTC-6). */
  inCall(roomId: string, userId: string): string[] {
    return [...this.rooms.get(roomId)?.get(userId)?.peers ?? []].flatMap(([peerId, { media }]) => media?.in_call ? [peerId] : [])
  }

  /** Switches a user's microphone or hand off, on one peer in the call or on all that are here (RTC-6). Returns the peers it is for. */
  switchOff(roomId: string, userId: string, peerId: string | undefined, off: Pick<MediaControl, 'by' | 'mic' | 'hand'>): { peers: Map<string, MediaControl>, change: PresenceChange | undefined } {
    const peers = new Map<string, MediaControl>()
    const change = this.change(roomId, userId, (present) => {
      for (const [id, peer] of present.peers) {
        if (!isMine(peer) || !peer.media?.in_call || (peerId !== undefined && id !== peerId)) continue
        peer.control = { ...peer.control, ...off, told: new Set() }
        peer.media = { ...peer.media, ...switchedOff(peer.control) }
        peers.set(id, peer.control)
      }
    })
    return { peers, change }
  }

  /** A peer that lost its place while it was away comes back without it (RTC-5). */
  forgetCall(roomId: string, peerId: string): void {
    for (const [key, memory] of this.remembered) {
      if (key.startsWith(memoryKey(roomId, '')) && memory.get(peerId)?.media.in_call) memory.delete(peerId)
    }
  }

  /** What a peer in the room has still to hear of. */
  control(roomId: string, userId: string, peerId: string): MediaControl | undefined {
    return this.rooms.get(roomId)?.get(userId)?.peers.get(peerId)?.control
  }

  /** What is known of somebody in a room. */
  standing(roomId: string, userId: string): { user: User, role: Membership['role'] } | undefined {
    return this.rooms.get(roomId)?.get(userId)
  }

  /** One who was removed is gone from the room with all their peers, and nothing of them is kept (LOG-7). */
  evict(roomId: string, userId: string): void {
    for (const peer of this.rooms.get(roomId)?.get(userId)?.peers.values() ?? []) {
      peer.connections.clear()
      peer.goneAt = Number.NEGATIVE_INFINITY
      peer.media = null
      peer.elsewhere = undefined
    }
    this.remembered.delete(memoryKey(roomId, userId))
  }

  /** Sets a user's status. */
  setStatus(roomId: string, userId: string, status: Status): PresenceChange | undefined {
    return this.change(roomId, userId, (present) => {
      present.status = status
      present.statusAt = Date.now()
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
    for (const [key, memory] of this.remembered) {
      for (const [peerId, { until }] of memory) if (until <= now) memory.delete(peerId)
      if (memory.size > 0) continue
      this.remembered.delete(key)
      const [roomId = '', userId = ''] = key.split('\n')
      this.onChange(roomId, userId)
    }
    const changes: PresenceChange[] = []
    for (const [roomId, room] of this.rooms) {
      for (const [userId, present] of room) {
        if (!this.expirePeers(roomId, present, now)) continue
        if (present.peers.size === 0) room.delete(userId)
        changes.push({ roomId, event: present.peers.size === 0 ? 'leave' : 'update', member: toMember(present) })
        this.onChange(roomId, userId)
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
      const { media, control, isOrphan } = peer
      if (media) this.remember(roomId, present.user.id, peerId, { media, control, until: now + MEMORY_MS, ...(!isOrphan && { user: present.user }) })
      gone = true
    }
    return gone
  }

  private remember(roomId: string, userId: string, peerId: string, remembered: Remembered): void {
    const key = memoryKey(roomId, userId)
    const memory = this.remembered.get(key) ?? new Map<string, Remembered>()
    this.remembered.set(key, memory.set(peerId, remembered))
    if (memory.size > LIMITS.peersPerUser) memory.delete(memory.keys().next().value ?? '')
  }

  private change(roomId: string, userId: string, apply: (present: PresentUser) => void): PresenceChange | undefined {
    const present = this.rooms.get(roomId)?.get(userId)
    if (!present) return undefined
    apply(present)
    this.onChange(roomId, userId)
    return { roomId, event: 'update', member: toMember(present) }
  }

  /** What others see of a user before and after a change; nothing where it is the same. */
  private compared(roomId: string, userId: string, apply: () => void): PresenceChange | undefined {
    const seen = (): Member | undefined => {
      const present = this.rooms.get(roomId)?.get(userId)
      return present && toMember(present)
    }
    const before = seen()
    apply()
    this.onChange(roomId, userId)
    const after = seen()
    if (!after) return before && { roomId, event: 'leave', member: { ...before, peers: [] } }
    return JSON.stringify(before) === JSON.stringify(after) ? undefined : { roomId, event: before ? 'update' : 'join', member: after }
  }

  private put(roomId: string, userId: string, present: PresentUser | undefined): void {
    const room = this.rooms.get(roomId) ?? new Map<string, PresentUser>()
    if (present) this.rooms.set(roomId, room.set(userId, present))
    else if (room.delete(userId) && room.size === 0) this.rooms.delete(roomId)
  }

  /** Tells of a change that the rest of this step completes. */
  private soon(roomId: string, userId: string): void {
    queueMicrotask(() => this.onChange(roomId, userId))
  }
}

/** How long the media state of one who has left is kept for their return. */
const MEMORY_MS = LIMITS.mediaMemoryMs - LIMITS.presenceGraceMs

function toMember(present: PresentUser): Member {
  return {
    userId: present.user.id,
    name: present.user.name,
    role: present.role,
    status: present.status,
    ...(present.muted && { muted: true }),
    peers: [...present.peers].map(([peer_id, { media, control }]) => ({ peer_id, media, ...(control?.mic === false && { silenced: true as const }) })),
  }
}

function switchedOff(control: MediaControl | undefined): Partial<MediaState> {
  return { ...(control?.mic === false && { mic: false }), ...(control?.hand === false && { hand: false }) }
}

/**
 * Makes room for one more peer of a user: a place that waits for a return is a lease, and who comes with ever new peers keeps no
 * more of them than a room can be told of. Whoever is connected keeps theirs.
 */
function makeRoom(peers: Map<string, PresentPeer>): void {
  if (peers.size < LIMITS.peersPerUser) return
  let oldest: { peerId: string, goneAt: number } | undefined
  for (const [peerId, { goneAt }] of peers) if (goneAt !== undefined && goneAt < (oldest?.goneAt ?? Infinity)) oldest = { peerId, goneAt }
  if (oldest) peers.delete(oldest.peerId)
}

function memoryKey(roomId: string, userId: string): string {
  return `${roomId}\n${userId}`
}
