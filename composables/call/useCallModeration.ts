import type { RoomChannel } from '~/utils/room/room-channel'

export interface UseCallModerationReturn {
  /**
   * Switches somebody's microphone off. They can switch it on again; nobody else can.
   *
   * @param peerId of one tab; without it, of all in the call
   * @throws ChatError `forbidden` to who may not, `not_found` when they are not in the call
   */
  mute: (userId: string, peerId?: string) => Promise<void>
  /** Lowers somebody's hand. @throws as {@link UseCallModerationReturn.mute} */
  lowerHand: (userId: string, peerId?: string) => Promise<void>
}

/** What moderators do to others in the call (RTC-6). Needs no call of one's own. */
export function useCallModeration(channel: Pick<RoomChannel, 'room' | 'request'>): UseCallModerationReturn {
  const about = (userId: string, peerId?: string) => ({ type: 'media-control' as const, room: channel.room, userId, ...(peerId !== undefined && { peer_id: peerId }) })
  return {
    mute: async (userId, peerId) => void await channel.request({ ...about(userId, peerId), mic: false }),
    lowerHand: async (userId, peerId) => void await channel.request({ ...about(userId, peerId), hand: false }),
  }
}
