import type { MediaState, Member } from '#shared/protocol/frames'

/** One tab of one person, as presence knows it. */
export interface RoomPeer {
  userId: string
  name: string
  /** Null when the server knows nothing of its media, as after a restart. */
  media: MediaState | null
  /** A moderator switched its microphone off, and it has not said that it heard of it (RTC-6). */
  silenced?: true
}

/**
 * All tabs in a room by peer id, one's own apart.
 *
 * @param members presence (PRS-1)
 * @param self this tab's peer id
 */
export function peersInRoom(members: readonly Member[], self: string | undefined): { self: RoomPeer | undefined, peers: ReadonlyMap<string, RoomPeer> } {
  const peers = new Map<string, RoomPeer>()
  for (const member of members) {
    for (const peer of member.peers) peers.set(peer.peer_id, { userId: member.userId, name: member.name, media: peer.media, ...(peer.silenced && { silenced: true as const }) })
  }
  const own = self === undefined ? undefined : peers.get(self)
  if (self !== undefined) peers.delete(self)
  return { self: own, peers }
}
