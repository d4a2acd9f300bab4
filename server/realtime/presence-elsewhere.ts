import type { MediaState, Member, User } from '#shared/protocol/frames'
import type { Membership } from '../rooms/types'
import type { Present, PresentPeerFact } from './bus/facts'

export type Status = Member['status']

/** What a moderator switched off for a peer, until the peer has heard of it (RTC-6). */
export interface MediaControl {
  by: User
  mic?: false
  hand?: false
  /** The connections it was sent to: what comes over others was said without knowing. */
  readonly told: Set<string>
}

export interface PresentPeer {
  /** Its connections to this node. */
  readonly connections: Set<string>
  media: MediaState | null
  control?: MediaControl
  /** When it loses its place, unless it comes back before. */
  goneAt?: number
  /** When its newest connection came, in milliseconds since 1970: of two nodes that have one, the later is right. */
  at: number
  /** The node that has its newest connection, where that is another one. */
  elsewhere?: string
  /** The node it was on is gone: every other one waits for its return, and tells none of it. */
  isOrphan?: true
}

export interface Remembered {
  media: MediaState
  control?: MediaControl
  until: number
  /** Whose it was, where this node is the one to tell of it. */
  user?: User
}

export interface PresentUser {
  user: User
  role: Membership['role']
  muted: boolean
  status: Status
  /** When the status was set, in milliseconds since 1970; 0 for never. */
  statusAt: number
  readonly peers: Map<string, PresentPeer>
}

/** Whether a peer's newest connection is, or was, to this node. */
export function isMine({ elsewhere, isOrphan }: PresentPeer): boolean {
  return elsewhere === undefined && !isOrphan
}

/** A known peer has a connection to this node now, whichever it was on before. */
export function comeHere(peer: PresentPeer, connectionId: string): void {
  peer.connections.add(connectionId)
  peer.goneAt = undefined
  // Later than what another node says, whatever its clock.
  peer.at = Math.max(Date.now(), peer.at + 1)
  peer.elsewhere = undefined
  peer.isOrphan = undefined
}

/** What a node tells others of a user in a room. */
export function partOf(roomId: string, present: PresentUser | undefined, remembered: ReadonlyMap<string, Remembered> | undefined): Present | undefined {
  const mine = [...present?.peers ?? []].filter(([, peer]) => isMine(peer))
  const left = [...remembered ?? []].filter(([, memory]) => memory.user)
  const user = present?.user ?? left[0]?.[1].user
  if (!user || mine.length + left.length === 0) return undefined
  return {
    roomId,
    user,
    role: present?.role ?? 'member',
    muted: present?.muted ?? false,
    status: present?.status ?? 'online',
    statusAt: present?.statusAt ?? 0,
    peers: [
      ...mine.map(([peer_id, { media, control, at, connections }]) => ({ peer_id, media, at, state: connections.size > 0 ? 'here' as const : 'away' as const, ...written(control) })),
      ...left.map(([peer_id, { media, control }]) => ({ peer_id, media, at: 0, state: 'left' as const, ...written(control) })),
    ],
  }
}

/** Media states of peers that are gone, to be remembered. */
type Left = [peerId: string, media: MediaState, control: MediaControl | undefined][]

/**
 * Takes in what another node tells of a user in a room.
 *
 * @param known what is known of the user; changed in place
 * @returns the user, unless they have no peer any more
 */
export function hearOf(known: PresentUser | undefined, node: string, present: Present | undefined): { user: PresentUser | undefined, left: Left } {
  const told = present?.peers.filter(({ state }) => state !== 'left') ?? []
  const left: Left = present?.peers.flatMap(({ peer_id, media, state, control }): Left => state === 'left' && media ? [[peer_id, media, control && { ...control, told: new Set() }]] : []) ?? []
  const user = known ?? (present && told.length > 0 ? { user: present.user, role: present.role, muted: present.muted, status: present.status, statusAt: present.statusAt, peers: new Map<string, PresentPeer>() } : undefined)
  if (!user) return { user, left }
  if (present && told.length > 0 && present.statusAt > user.statusAt) Object.assign(user, { status: present.status, statusAt: present.statusAt })
  if (present && told.length > 0 && ![...user.peers.values()].some(isMine)) Object.assign(user, { user: present.user, role: present.role, muted: present.muted })
  for (const fact of told) take(user, node, fact)
  const names = new Set(told.map(({ peer_id }) => peer_id))
  for (const [peerId, peer] of user.peers) {
    if (peer.elsewhere !== node || names.has(peerId)) continue
    peer.elsewhere = undefined
    // Its older connection, which is here, is the peer's again.
    if (peer.connections.size === 0) user.peers.delete(peerId)
  }
  return { user: user.peers.size > 0 ? user : undefined, left }
}

/** The peers of a node that is gone wait for their return as others do. */
export function orphan(user: PresentUser | undefined, node: string, until: number): void {
  for (const peer of user?.peers.values() ?? []) {
    if (peer.elsewhere !== node) continue
    peer.elsewhere = undefined
    if (peer.connections.size > 0) continue
    peer.isOrphan = true
    peer.goneAt = until
  }
}

function take(user: PresentUser, node: string, { peer_id, media, control, at, state }: PresentPeerFact): void {
  const peer = user.peers.get(peer_id)
  if (peer && isMine(peer) && (peer.connections.size > 0 ? state === 'away' || peer.at > at : state === 'away' && peer.at > at)) return
  if (peer?.elsewhere !== undefined && peer.elsewhere !== node && peer.at > at) return
  const taken: PresentPeer = peer ?? { connections: new Set(), media, at }
  Object.assign(taken, { media, at, elsewhere: node, goneAt: undefined, isOrphan: undefined, control: control && { ...control, told: new Set<string>() } })
  user.peers.set(peer_id, taken)
}

function written(control: MediaControl | undefined): Pick<PresentPeerFact, 'control'> {
  return control ? { control: { by: control.by, ...(control.mic === false && { mic: control.mic }), ...(control.hand === false && { hand: control.hand }) } } : {}
}
