import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { mediaProblem } from '~/utils/call/media-errors'
import type { MediaProblem } from '~/utils/call/media-errors'

export interface UseScreenShareReturn {
  /** The shared screen and its sound. */
  screen: Readonly<ShallowRef<MediaStreamTrack | null>>
  screenAudio: Readonly<ShallowRef<MediaStreamTrack | null>>
  problem: Readonly<ShallowRef<MediaProblem | undefined>>
  /** Opens the browser's picker; while one is open, waits for that. Resolves to whether a screen is shared. */
  start: () => Promise<boolean>
  stop: () => void
  dismiss: () => void
}

/** Sound of a screen is played as it is: what helps a voice spoils it, and the call's own voices stay out where that is known. */
const SOUND = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  restrictOwnAudio: true,
  suppressLocalAudioPlayback: false,
} as const

/** What the picker is asked for; constraints a browser does not know, it ignores. */
const WISH: DisplayMediaStreamOptions = { video: { frameRate: { ideal: 15, max: 30 } }, audio: { ...SOUND } }

/** This person's shared screen. */
export function useScreenShare(): UseScreenShareReturn {
  const screen = shallowRef<MediaStreamTrack | null>(null)
  const screenAudio = shallowRef<MediaStreamTrack | null>(null)
  const problem = shallowRef<MediaProblem>()
  let request: Promise<boolean> | undefined
  // What a picker gives that was open before the last stop is thrown away.
  let stay = new AbortController()

  async function pick(signal: AbortSignal): Promise<boolean> {
    problem.value = undefined
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(WISH)
      const track = stream.getVideoTracks()[0]
      if (signal.aborted || !track) {
        for (const one of stream.getTracks()) one.stop()
        return false
      }
      track.contentHint = 'detail'
      track.addEventListener('ended', () => screen.value === track && stop())
      screen.value = track
      screenAudio.value = stream.getAudioTracks()[0] ?? null
      return true
    } catch (error) {
      // Closing the browser's picker is a choice, not a problem.
      const why = mediaProblem(error)
      if (!signal.aborted && why !== 'denied') problem.value = why
      return false
    }
  }

  async function start(): Promise<boolean> {
    if (screen.value) return true
    const mine = request ?? pick(stay.signal)
    request = mine
    try {
      return await mine
    } finally {
      if (request === mine) request = undefined
    }
  }

  function stop() {
    stay.abort()
    stay = new AbortController()
    const before = [screen.value, screenAudio.value]
    screen.value = null
    screenAudio.value = null
    problem.value = undefined
    for (const track of before) track?.stop()
  }

  onScopeDispose(stop)
  return {
    screen,
    screenAudio,
    problem,
    start,
    stop,
    dismiss: () => void (problem.value = undefined),
  }
}
