import type { MediaState } from '#shared/protocol/frames'
import type { CallParticipant } from '~/stores/call'
import type { MeshPeer } from './mesh'
import type { RoomPeer } from './presence'
import type { ParticipantState, SlotTracks } from './types'

type Links = ReadonlyMap<string, MeshPeer>
type Present = ReadonlyMap<string, RoomPeer>

/** Puts together what presence and links know of the others in a call. */
export interface Participants {
  /** Everybody there is a link to, as the page shows them. */
  read: (links: Links, present: Present) => CallParticipant[]
  /** What they send, without a microphone that a moderator switched off. */
  heard: (links: Links, present: Present) => Map<string, Readonly<SlotTracks>>
  /** The peers of a user that were seen so far. */
  peersOf: (userId: string) => string[]
}

/** @param unknownName what a peer is called of whom presence never told */
export function createParticipants(unknownName: string): Participants {
  /** Who was seen in the room: presence may lose somebody whose media goes on. */
  const seen = new Map<string, RoomPeer>()

  function participant(peerId: string, peer: MeshPeer, present: RoomPeer | undefined): CallParticipant {
    const told: MediaState | ParticipantState | null | undefined = peer.state ?? present?.media
    return {
      peerId,
      userId: seen.get(peerId)?.userId ?? peerId,
      name: seen.get(peerId)?.name ?? unknownName,
      status: peer.link.status,
      reason: peer.link.reason,
      mic: (told?.mic ?? false) && !present?.silenced,
      cam: told?.cam ?? false,
      screen: told?.screen ?? false,
      hand: told?.hand ?? false,
      broken: peer.broken,
    }
  }

  return {
    read(links, present) {
      for (const [id, peer] of present) seen.set(id, peer)
      return [...links].map(([id, peer]) => participant(id, peer, present.get(id)))
    },
    heard: (links, present) => new Map([...links].map(([id, { link }]) =>
      [id, present.get(id)?.silenced ? { ...link.tracks, mic: null } : link.tracks])),
    peersOf: userId => [...seen].flatMap(([id, peer]) => peer.userId === userId ? [id] : []),
  }
}
