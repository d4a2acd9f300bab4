import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { isTaken, mediaProblem } from './media-errors'
import type { MediaProblem } from './media-errors'

export interface CaptureOptions {
  /**
   * Opens a device.
   *
   * @param id the one to open; undefined leaves it to the browser
   * @param exact whether no other will do
   * @throws what `getUserMedia` rejects with
   */
  open: (id: string | undefined, exact: boolean) => Promise<MediaStreamTrack>
  /** The device that was chosen. */
  chosen: () => string | undefined
  /** Whether one that is off stays open, silent, as a microphone does, instead of being freed as a camera is. */
  keepsOpen: boolean
  /** Whether a change may free the present device first, where only one opens at a time. */
  canSwap: boolean
  /** Whether the browser has to ask the person; unknown counts as not until it has taken long. */
  mustAsk: () => Promise<boolean>
  /** Why a device ended by itself. */
  whyLost: () => Promise<MediaProblem>
  /** A device was opened. */
  onOpened: (track: MediaStreamTrack) => void
}

/** One device: what the person wants of it, and what it does. */
export interface Capture {
  /** The open device, for a microphone also while it is silent. */
  readonly track: Readonly<ShallowRef<MediaStreamTrack | null>>
  /** Whether it is wanted and works: what others see or hear. */
  readonly isOn: ComputedRef<boolean>
  /** Whether it is wanted and on its way. */
  readonly isStarting: ComputedRef<boolean>
  /** Whether something is asked for, and an answer may take as long as a person does. */
  readonly isAsking: ComputedRef<boolean>
  /** Whether something is asked for. */
  readonly isPending: ComputedRef<boolean>
  /** Why the device is not as it was wanted. */
  readonly problem: Readonly<ShallowRef<MediaProblem | undefined>>
  /** Wants it on or off. Resolves to whether it is so. */
  set: (on: boolean) => Promise<boolean>
  /** A press: what is on, or on its way, goes off; everything else is asked for. */
  toggle: () => Promise<boolean>
  /** Asks for the chosen device again. A muted microphone stays muted. */
  retry: () => Promise<boolean>
  /** Another device was chosen: takes it where this kind is in use. */
  change: () => Promise<void>
  /** Takes what is for what is wanted: nothing that is still asked for comes on later. */
  settle: () => void
  /** Puts the problem aside. */
  dismiss: () => void
  /** Frees the device, and whatever is still opened. */
  stop: () => void
}

interface Request {
  id: string | undefined
  done: Promise<boolean>
}

/** After so many milliseconds without an answer, a person is taken to be asked. */
const PATIENCE_MS = 1_500

/**
 * Keeps what a person wants of a device apart from what the device does. Presses, retries and choices change the wish;
 * the device follows. What opens after it is no longer wanted is stopped at once.
 */
export function createCapture(options: CaptureOptions): Capture {
  const track = shallowRef<MediaStreamTrack | null>(null)
  const wanted = shallowRef(false)
  const request = shallowRef<Request>()
  const slow = shallowRef<Request>()
  const problem = shallowRef<MediaProblem>()
  const isOn = computed(() => wanted.value && track.value !== null)
  const isStarting = computed(() => wanted.value && track.value === null && request.value !== undefined)

  function release() {
    const before = track.value
    track.value = null
    before?.stop()
  }

  function lost(ended: MediaStreamTrack) {
    if (track.value !== ended) return
    track.value = null
    // One that is being replaced may be taken away by the system: the new one says whether that went well.
    if (request.value) return
    void options.whyLost().then((why) => {
      if (track.value === null && request.value === undefined) problem.value = why
    })
  }

  function take(opened: MediaStreamTrack) {
    opened.addEventListener('ended', () => lost(opened))
    // Silent unless it is wanted: another microphone must not unmute.
    if (options.keepsOpen) opened.enabled = wanted.value
    const before = track.value
    track.value = opened
    before?.stop()
    options.onOpened(opened)
  }

  /** Opens the device of a request; where only one opens at a time, in the place of the present one. */
  async function obtain(mine: Request): Promise<MediaStreamTrack> {
    try {
      return await options.open(mine.id, false)
    } catch (error) {
      const before = track.value
      if (!options.canSwap || !before || !isTaken(error) || request.value !== mine) throw error
      const { deviceId } = before.getSettings()
      release()
      try {
        return await options.open(mine.id, false)
      } catch (again) {
        const back = await options.open(deviceId, true).catch(() => undefined)
        if (back && request.value === mine) take(back)
        else back?.stop()
        throw again
      }
    }
  }

  async function run(mine: Request): Promise<boolean> {
    try {
      const opened = await obtain(mine)
      if (request.value !== mine) {
        opened.stop()
        return false
      }
      request.value = undefined
      take(opened)
      return true
    } catch (error) {
      if (request.value === mine) {
        request.value = undefined
        problem.value = mediaProblem(error)
      }
      return false
    }
  }

  function watchPatience(mine: Request) {
    const note = () => {
      if (request.value === mine) slow.value = mine
    }
    const timer = setTimeout(note, PATIENCE_MS)
    void options.mustAsk().then(must => must && note())
    void mine.done.finally(() => clearTimeout(timer))
  }

  /** Asks for the chosen device, once however often it is called meanwhile. */
  function ask(): Promise<boolean> {
    const id = options.chosen()
    if (request.value && request.value.id === id) return request.value.done
    problem.value = undefined
    const mine: Request = { id, done: Promise.resolve(false) }
    request.value = mine
    mine.done = run(mine)
    watchPatience(mine)
    return mine.done
  }

  async function set(on: boolean): Promise<boolean> {
    wanted.value = on
    if (options.keepsOpen && track.value) track.value.enabled = on
    if (on) return track.value !== null || ask()
    if (options.keepsOpen && track.value) return true
    request.value = undefined
    if (!options.keepsOpen) problem.value = undefined
    release()
    return true
  }

  return {
    track,
    isOn,
    isStarting,
    isPending: computed(() => request.value !== undefined),
    isAsking: computed(() => request.value !== undefined && slow.value === request.value),
    problem,
    set,
    toggle: () => set(!isOn.value && !isStarting.value),
    retry() {
      if (!options.keepsOpen) wanted.value = true
      return ask()
    },
    async change() {
      if (track.value || request.value || problem.value) await ask()
    },
    settle() {
      wanted.value = isOn.value
      if (!track.value) request.value = undefined
    },
    dismiss() {
      problem.value = undefined
      if (!request.value) wanted.value = isOn.value
    },
    stop() {
      wanted.value = false
      request.value = undefined
      problem.value = undefined
      release()
    },
  }
}
