import { until, useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import type { DeviceKind } from '~/stores/devices'
import { useDevicesStore } from '~/stores/devices'
import { createCapture } from '~/utils/call/capture'
import type { Capture } from '~/utils/call/capture'
import type { MediaProblem } from '~/utils/call/media-errors'
import { followPermission, permissionOf } from '~/utils/call/permission'
import { useScreenShare } from './useScreenShare'

export type MediaKind = 'mic' | 'cam' | 'screen'

export interface UseMediaStreamReturn {
  /** The microphone, also while muted; null before it was first wanted or when there is none. */
  mic: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** The camera; null while it is off, so that its light is off too. */
  cam: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** The shared screen and its sound. */
  screen: Readonly<ShallowRef<MediaStreamTrack | null>>
  screenAudio: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** Whether the microphone is heard. */
  micOn: Readonly<Ref<boolean>>
  /** What the switches show: on, or wanted and on its way. */
  micShown: Readonly<Ref<boolean>>
  camShown: Readonly<Ref<boolean>>
  /** Whether a device is on its way. */
  isStarting: Readonly<Ref<boolean>>
  /** Whether the browser asks the person, or the device takes so long that nobody should wait for it. */
  isAsking: Readonly<Ref<boolean>>
  /** Why something is not as it was wanted, by what. */
  problems: ComputedRef<Partial<Record<MediaKind, MediaProblem>>>
  /** Wants the microphone on, or muted. Resolves to whether it is so. */
  setMic: (on: boolean) => Promise<boolean>
  /** Wants the camera on, or off and free. Resolves to whether it is so. */
  setCam: (on: boolean) => Promise<boolean>
  /** Presses of a switch: what is on or on its way goes off, everything else is asked for. */
  toggleMic: () => Promise<boolean>
  toggleCam: () => Promise<boolean>
  startScreen: () => Promise<boolean>
  stopScreen: () => void
  /** Wants microphone and camera, in one step that any press, {@link settle} or {@link stop} ends where it stands. */
  start: () => Promise<void>
  /** Asks again for what failed; what is muted stays muted. */
  retry: (what: MediaKind) => Promise<boolean>
  /** Resolves when nothing is on its way that comes soon: not to what a person is asked. */
  ready: () => Promise<void>
  /** Takes what is for what is wanted: nothing that is still asked for comes on later. */
  settle: () => void
  /** Changes to another device, at once when it is in use. */
  choose: (kind: DeviceKind, id: string) => Promise<void>
  /** Puts a problem aside. */
  dismiss: (what: MediaKind) => void
  /** Stops everything, and whatever opens later. */
  stop: () => void
}

/** The size a camera is asked for; what is sent is scaled down by the call's budget. */
const CAMERA = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } } as const
const MICROPHONE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true } as const

async function open(kind: 'camera' | 'microphone', id: string | undefined, exact: boolean): Promise<MediaStreamTrack> {
  const base = kind === 'camera' ? CAMERA : MICROPHONE
  const want = { ...base, ...(id ? { deviceId: exact ? { exact: id } : { ideal: id } } : {}) }
  const stream = await navigator.mediaDevices.getUserMedia(kind === 'camera' ? { video: want } : { audio: want })
  const track = stream.getTracks()[0]
  if (!track) throw new DOMException('no track', 'NotFoundError')
  return track
}

/** This person's microphone, camera and screen: what they want of them, and the devices that follow. */
export function useMediaStream(): UseMediaStreamReturn {
  const devices = useDevicesStore()
  const share = useScreenShare()
  const isBeginning = shallowRef(false)
  let step = new AbortController()

  async function listDevices() {
    if (!navigator.mediaDevices) return
    devices.setAvailable(await navigator.mediaDevices.enumerateDevices())
  }

  function capture(kind: 'camera' | 'microphone'): Capture {
    return createCapture({
      open: (id, exact) => open(kind, id, exact),
      chosen: () => devices.chosen[kind],
      keepsOpen: kind === 'microphone',
      canSwap: kind === 'camera',
      mustAsk: async () => await permissionOf(kind) === 'prompt',
      async whyLost() {
        const state = await permissionOf(kind)
        return state === undefined || state === 'granted' ? 'unplugged' : 'revoked'
      },
      onOpened(track) {
        if (kind === 'camera') track.contentHint = 'motion'
        listDevices().catch(() => undefined)
      },
    })
  }
  const mic = capture('microphone')
  const cam = capture('camera')
  // Pickers name what is open, which is not always what was chosen.
  watch(mic.track, track => devices.setInUse('microphone', track?.getSettings().deviceId))
  watch(cam.track, track => devices.setInUse('camera', track?.getSettings().deviceId))
  const isStarting = computed(() => isBeginning.value || mic.isStarting.value || cam.isStarting.value)
  const isAsking = computed(() => mic.isAsking.value || cam.isAsking.value)

  /** Ends the start where it stands. */
  function interrupt() {
    step.abort()
    isBeginning.value = false
  }

  async function start() {
    interrupt()
    step = new AbortController()
    const { signal } = step
    isBeginning.value = true
    const states = await Promise.all([permissionOf('microphone'), permissionOf('camera')])
    if (signal.aborted) return
    if (states.every(state => state === 'granted')) {
      await Promise.all([mic.set(true), cam.set(true)])
    } else {
      // One after the other: asked at once, some browsers show two questions on top of each other.
      await mic.set(true)
      if (!signal.aborted) await cam.set(true)
    }
    if (!signal.aborted) isBeginning.value = false
  }

  async function choose(kind: DeviceKind, id: string) {
    devices.choose(kind, id)
    if (kind === 'camera') await cam.change()
    if (kind === 'microphone') await mic.change()
  }

  function pressed<T extends unknown[]>(act: (...args: T) => Promise<boolean>) {
    return (...args: T) => {
      interrupt()
      return act(...args)
    }
  }

  function stop() {
    interrupt()
    mic.stop()
    cam.stop()
    share.stop()
  }

  if (typeof navigator !== 'undefined' && navigator.mediaDevices) {
    useEventListener(navigator.mediaDevices, 'devicechange', () => {
      listDevices().catch(() => undefined)
    })
    listDevices().catch(() => undefined)
  }
  onScopeDispose(stop)
  // Allowed in the browser's settings after it was refused: what was wanted then is wanted still.
  for (const [kind, one] of [['microphone', mic], ['camera', cam]] as const) {
    onScopeDispose(followPermission(kind, (state) => {
      if (state === 'granted' && (one.problem.value === 'denied' || one.problem.value === 'revoked')) void one.retry()
    }))
  }

  return {
    mic: mic.track,
    cam: cam.track,
    screen: share.screen,
    screenAudio: share.screenAudio,
    micOn: mic.isOn,
    micShown: computed(() => mic.isOn.value || mic.isStarting.value),
    camShown: computed(() => cam.isOn.value || cam.isStarting.value),
    isStarting,
    isAsking,
    problems: computed(() => ({ mic: mic.problem.value, cam: cam.problem.value, screen: share.problem.value })),
    setMic: pressed(mic.set),
    setCam: pressed(cam.set),
    toggleMic: pressed(mic.toggle),
    toggleCam: pressed(cam.toggle),
    startScreen: share.start,
    stopScreen: share.stop,
    start,
    retry: what => ({ mic: pressed(mic.retry), cam: pressed(cam.retry), screen: share.start })[what](),
    async ready() {
      await until(() => !isStarting.value || isAsking.value).toBe(true)
    },
    settle() {
      interrupt()
      mic.settle()
      cam.settle()
    },
    choose,
    dismiss: what => ({ mic, cam, screen: share })[what].dismiss(),
    stop,
  }
}
