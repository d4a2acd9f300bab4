import type { CallLayout, CallParticipant, PinnedTile } from '~/stores/call'
import type { LinkReason, LinkStatus } from './types'

/** Stands for this person among the participants. */
export const SELF = 'self'

/** One tile of the stage. */
export interface CallTileModel {
  key: string
  peerId: string
  userId: string
  name: string
  source: 'cam' | 'screen'
  isSelf: boolean
  mic: boolean
  hand: boolean
  /** Whether there is a picture to show, as far as the sender says. */
  hasVideo: boolean
  status: LinkStatus
  reason?: LinkReason
}

/** This person as a tile. */
export interface OwnTile {
  userId: string
  name: string
  mic: boolean
  cam: boolean
  screen: boolean
  hand: boolean
}

/** A tile's key. */
export function tileKey(tile: PinnedTile): string {
  return `${tile.peerId}:${tile.source}`
}

/** Everybody's tiles: shared screens first, then the others, oneself last. */
export function tilesOf(participants: readonly CallParticipant[], own: OwnTile): CallTileModel[] {
  const self = { ...own, peerId: SELF, status: 'connected' as const, reason: undefined }
  const all = [...participants.map(one => ({ ...one, isSelf: false })), { ...self, isSelf: true }]
  const tile = (one: typeof all[number], source: 'cam' | 'screen'): CallTileModel => ({
    key: tileKey({ peerId: one.peerId, source }),
    peerId: one.peerId,
    userId: one.userId,
    name: one.name,
    source,
    isSelf: one.isSelf,
    mic: one.mic,
    hand: one.hand,
    hasVideo: source === 'cam' ? one.cam : one.screen,
    status: one.status,
    reason: one.reason,
  })
  return [...all.filter(one => one.screen).map(one => tile(one, 'screen')), ...all.map(one => tile(one, 'cam'))]
}

/**
 * The tile that has the stage: the pinned one, else a screen somebody shares, else in the speaker view who speaks.
 *
 * @returns its key; undefined for the grid
 */
export function focusOf(tiles: readonly CallTileModel[], layout: CallLayout, pinned?: PinnedTile, speaker?: string): string | undefined {
  const exists = (key: string) => tiles.some(tile => tile.key === key)
  if (pinned && exists(tileKey(pinned))) return tileKey(pinned)
  const screen = tiles.find(tile => tile.source === 'screen' && !tile.isSelf)
  if (screen) return screen.key
  if (layout === 'grid') return undefined
  const speaking = speaker === undefined ? undefined : tileKey({ peerId: speaker, source: 'cam' })
  if (speaking && exists(speaking)) return speaking
  return tiles.find(tile => !tile.isSelf)?.key ?? tiles[0]?.key
}
