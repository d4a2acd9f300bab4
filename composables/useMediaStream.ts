import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { mediaProblem } from '~/utils/call/media-errors'
import type { MediaProblem } from '~/utils/call/media-errors'
import type { DeviceKind } from '~/stores/devices'
import { useDevicesStore } from '~/stores/devices'

export interface UseMediaStreamReturn {
  /** The microphone, also while muted; null before it was first wanted or when there is none. */
  mic: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** The camera; null while it is off, so that its light is off too. */
  cam: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** The shared screen and its sound. */
  screen: Readonly<ShallowRef<MediaStreamTrack | null>>
  screenAudio: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** Whether the microphone is heard. */
  micOn: Readonly<ShallowRef<boolean>>
  /** Why the last wish failed, by what was wished for. */
  problems: Readonly<ShallowRef<Partial<Record<'mic' | 'cam' | 'screen', MediaProblem>>>>
  /** Asks for the microphone or unmutes it; mutes it. Resolves to whether it is as wished. */
  setMic: (on: boolean) => Promise<boolean>
  /** Starts the camera; stops it and frees the device. Resolves to whether it is as wished. */
  setCam: (on: boolean) => Promise<boolean>
  startScreen: () => Promise<boolean>
  stopScreen: () => void
  /** Changes to another device, at once when it is in use. */
  choose: (kind: DeviceKind, id: string) => Promise<void>
  /** Puts problems aside: one of them, or all. */
  dismiss: (what?: 'mic' | 'cam' | 'screen') => void
  /** Stops everything. */
  stop: () => void
}

/** The size a camera is asked for; what is sent is scaled down by the call's budget. */
const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } as const
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const

/** This person's microphone, camera and screen. */
export function useMediaStream(): UseMediaStreamReturn {
  const devices = useDevicesStore()
  const mic = shallowRef<MediaStreamTrack | null>(null)
  const cam = shallowRef<MediaStreamTrack | null>(null)
  const screen = shallowRef<MediaStreamTrack | null>(null)
  const screenAudio = shallowRef<MediaStreamTrack | null>(null)
  const micOn = shallowRef(false)
  const problems = shallowRef<Partial<Record<'mic' | 'cam' | 'screen', MediaProblem>>>({})
  let disposed = false
  // The newest wish wins: an answer to an older one is thrown away.
  const wishes = { mic: 0, cam: 0, screen: 0 }

  function note(what: 'mic' | 'cam' | 'screen', problem?: MediaProblem) {
    problems.value = { ...problems.value, [what]: problem }
  }

  async function listDevices() {
    if (!navigator.mediaDevices) return
    devices.setAvailable(await navigator.mediaDevices.enumerateDevices())
  }

  /** Opens a device: the chosen one, or any when that one is not to be had. */
  async function open(kind: 'camera' | 'microphone'): Promise<MediaStreamTrack> {
    const id = devices.chosen[kind]
    const base = kind === 'camera' ? CAMERA : MICROPHONE
    const want = { ...base, ...(id ? { deviceId: { ideal: id } } : {}) }
    const stream = await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: want } : { audio: want })
    const track = stream.getTracks()[0]
    if (!track) throw new DOMException('no track', 'NotFoundError')
    return track
  }

  async function acquire(what: 'mic' | 'cam'): Promise<boolean> {
    const wish = ++wishes[what]
    const target = what === 'mic' ? mic : cam
    note(what)
    try {
      const track = await open(what === 'mic' ? 'microphone' : 'camera')
      if (disposed || wish !== wishes[what]) {
        track.stop()
        return false
      }
      if (what === 'cam') track.contentHint = 'motion'
      // Silent until the wish is known to be fulfilled: a changed microphone must not unmute.
      else track.enabled = micOn.value
      track.addEventListener('ended', () => {
        if (target.value !== track) return
        target.value = null
        if (what === 'mic') micOn.value = false
        note(what, 'unplugged')
      })
      const before = target.value
      target.value = track
      before?.stop()
      listDevices().catch(() => undefined)
      return true
    } catch (error) {
      if (wish === wishes[what]) note(what, mediaProblem(error))
      return false
    }
  }

  async function setMic(on: boolean) {
    if (on && !mic.value && !await acquire('mic')) return false
    if (!on) wishes.mic += mic.value ? 0 : 1
    micOn.value = on && mic.value !== null
    if (mic.value) mic.value.enabled = micOn.value
    return micOn.value === on
  }

  async function setCam(on: boolean) {
    if (on) return cam.value !== null || acquire('cam')
    wishes.cam += 1
    const before = cam.value
    cam.value = null
    before?.stop()
    return true
  }

  async function startScreen() {
    const wish = ++wishes.screen
    note('screen')
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: true })
      const track = stream.getVideoTracks()[0]
      if (disposed || wish !== wishes.screen || !track) {
        for (const one of stream.getTracks()) one.stop()
        return false
      }
      track.contentHint = 'detail'
      track.addEventListener('ended', () => screen.value === track && stopScreen())
      screen.value = track
      screenAudio.value = stream.getAudioTracks()[0] ?? null
      return true
    } catch (error) {
      // Closing the browser's picker is a choice, not a problem.
      const problem = mediaProblem(error)
      if (problem !== 'denied') note('screen', problem)
      return false
    }
  }

  function stopScreen() {
    wishes.screen += 1
    const before = [screen.value, screenAudio.value]
    screen.value = null
    screenAudio.value = null
    for (const track of before) track?.stop()
  }

  async function choose(kind: DeviceKind, id: string) {
    devices.choose(kind, id)
    if (kind === 'camera' && cam.value) await acquire('cam')
    if (kind === 'microphone' && mic.value) await acquire('mic')
  }

  function dismiss(what?: 'mic' | 'cam' | 'screen') {
    if (what) note(what)
    else problems.value = {}
  }

  function stop() {
    wishes.mic += 1
    setCam(false).catch(() => undefined)
    stopScreen()
    mic.value?.stop()
    mic.value = null
    micOn.value = false
  }

  if (typeof navigator !== 'undefined' && navigator.mediaDevices) {
    useEventListener(navigator.mediaDevices, 'devicechange', () => {
      listDevices().catch(() => undefined)
    })
    listDevices().catch(() => undefined)
  }
  onScopeDispose(() => {
    disposed = true
    stop()
  })
  return { mic, cam, screen, screenAudio, micOn, problems, setMic, setCam, startScreen, stopScreen, choose, dismiss, stop }
}
