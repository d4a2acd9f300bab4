import { until } from '@vueuse/core'
import { ChatError } from '~/utils/connection/chat-error'
import type { ParticipantState } from '~/utils/call/types'
import type { RoomChannel } from '~/utils/room/room-channel'

export interface UseCallPlaceOptions {
  channel: RoomChannel
  /** What this side shows of itself. */
  state: () => ParticipantState
  /** The server has no place for this side any more: the call filled up while it was away, or it was removed. */
  onLost: () => void
}

export interface UseCallPlaceReturn {
  /**
   * Takes a place in the call (RTC-5), as soon as the server can be reached.
   *
   * @returns its order among places; undefined when the stay ended meanwhile
   * @throws ChatError when the server has none
   */
  take: (stay: AbortSignal) => Promise<string | undefined>
  /** Says what this side shows; one who has a place keeps it. */
  tell: () => void
  /** Gives the place up, later where the server cannot be reached now. */
  giveUp: () => void
}

const OFF: ParticipantState = { mic: false, cam: false, screen: false, hand: false }
const RETRY_MS = 1_000

/** This tab's place in a room's call, which the server grants. */
export function useCallPlace({ channel, state, onLost }: UseCallPlaceOptions): UseCallPlaceReturn {
  // Each of them makes the ones before it void.
  let word = 0
  let hasPlace = false

  const frame = (inCall: boolean) => ({ type: 'media-state' as const, room: channel.room, in_call: inCall, ...(inCall ? state() : OFF) })

  async function take(stay: AbortSignal): Promise<string | undefined> {
    const mine = ++word
    const isOver = () => stay.aborted || mine !== word
    while (!isOver()) {
      await until(channel.isConnected).toBe(true)
      if (isOver()) return undefined
      try {
        const { place } = await channel.request({ ...frame(true), enter: true })
        // Left while the answer was on its way.
        if (isOver()) return undefined
        hasPlace = true
        return place ?? ''
      } catch (error) {
        if (isOver()) return undefined
        if (!(error instanceof ChatError) || !error.retryable) throw error
        await new Promise(resolve => setTimeout(resolve, error.retryAfterMs ?? RETRY_MS))
      }
    }
    return undefined
  }

  function tell() {
    if (!hasPlace || !channel.isConnected.value) return
    const mine = word
    channel.request(frame(true)).catch((error: unknown) => {
      if (mine === word && error instanceof ChatError && error.code === 'conflict') onLost()
    })
  }

  function giveUp() {
    hasPlace = false
    const mine = ++word
    if (channel.send(frame(false))) return
    void until(channel.isConnected).toBe(true).then(() => mine === word && channel.send(frame(false)))
  }

  return { take, tell, giveUp }
}
