import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'
import { useMediaStream } from '~/composables/useMediaStream'
import { usePushToTalk } from '~/composables/usePushToTalk'
import { useDevicesStore } from '~/stores/devices'

class FakeTrack extends EventTarget {
  enabled = true
  readyState: MediaStreamTrackState = 'live'
  contentHint = ''
  readonly id = crypto.randomUUID()
  constructor(readonly kind: string) { super() }
  stop() { this.readyState = 'ended' }
}

let scope: EffectScope
const getUserMedia = vi.fn()
const getDisplayMedia = vi.fn()

const stream = (...kinds: string[]) => {
  const tracks = kinds.map(kind => new FakeTrack(kind))
  return { getTracks: () => tracks, getVideoTracks: () => tracks.filter(track => track.kind === 'video'), getAudioTracks: () => tracks.filter(track => track.kind === 'audio') }
}

beforeEach(() => {
  const mediaDevices = Object.assign(new EventTarget(), { getUserMedia, getDisplayMedia, enumerateDevices: () => Promise.resolve([]) })
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { mediaDevices }))
  getUserMedia.mockImplementation((wish: MediaStreamConstraints) => Promise.resolve(stream(wish.video ? 'video' : 'audio')))
  scope = effectScope()
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
  vi.clearAllMocks()
})
const use = () => scope.run(() => useMediaStream())!

describe('useMediaStream', () => {
  it('mutes without giving the microphone back, and frees a camera that is off', async () => {
    const media = use()
    await media.setMic(true)
    await media.setCam(true)
    const [mic, cam] = [media.mic.value!, media.cam.value!]
    await media.setMic(false)
    await media.setCam(false)
    expect([media.micOn.value, mic.enabled, mic.readyState]).toEqual([false, false, 'live'])
    expect([media.cam.value, cam.readyState]).toEqual([null, 'ended'])
  })

  it.each([['NotAllowedError', 'denied'], ['NotFoundError', 'none'], ['NotReadableError', 'busy']])('names %s, and forgets it when a retry works', async (name, problem) => {
    getUserMedia.mockRejectedValueOnce(new DOMException('', name))
    const media = use()
    expect(await media.setCam(true)).toBe(false)
    expect(media.problems.value.cam).toBe(problem)
    expect(await media.setCam(true)).toBe(true)
    expect(media.problems.value.cam).toBeUndefined()
  })

  it('throws an answer away that comes after the camera was switched off again', async () => {
    let answer = (_value: unknown) => {}
    getUserMedia.mockReturnValueOnce(new Promise((resolve) => {
      answer = resolve
    }))
    const media = use()
    const wish = media.setCam(true)
    await media.setCam(false)
    const late = stream('video')
    answer(late)
    await wish
    expect(media.cam.value).toBeNull()
    expect(late.getTracks()[0]?.readyState).toBe('ended')
  })

  it('changes a muted microphone without unmuting it', async () => {
    const media = use()
    await media.setMic(true)
    await media.setMic(false)
    const before = media.mic.value!
    await media.choose('microphone', 'other')
    expect([before.readyState, media.mic.value?.enabled]).toEqual(['ended', false])
    expect(useDevicesStore().chosen.microphone).toBe('other')
  })

  it('notices a device that is pulled out, and a share that the browser ends', async () => {
    getDisplayMedia.mockResolvedValue(stream('video', 'audio'))
    const media = use()
    await media.setMic(true)
    await media.startScreen()
    media.mic.value?.dispatchEvent(new Event('ended'))
    expect([media.mic.value, media.micOn.value, media.problems.value.mic]).toEqual([null, false, 'unplugged'])
    const sound = media.screenAudio.value!
    media.screen.value?.dispatchEvent(new Event('ended'))
    expect([media.screen.value, media.screenAudio.value, sound.readyState]).toEqual([null, null, 'ended'])
  })

  it('stops everything when its owner goes', async () => {
    const media = use()
    await media.setMic(true)
    const track = media.mic.value!
    scope.stop()
    expect(track.readyState).toBe('ended')
  })
})

describe('usePushToTalk', () => {
  function press(type: 'keydown' | 'keyup', target: EventTarget = document.body) {
    const event = new KeyboardEvent(type, { code: 'Space', key: ' ', bubbles: true, cancelable: true })
    target.dispatchEvent(event)
    return event
  }

  it('opens the microphone while Space is held', () => {
    const setMic = vi.fn()
    const { isTalking } = scope.run(() => usePushToTalk({ isMuted: () => true, setMic }))!
    press('keydown')
    expect(isTalking.value).toBe(true)
    press('keyup')
    expect(setMic.mock.calls).toEqual([[true], [false]])
  })

  it('lets go when the window loses the keyboard', () => {
    const setMic = vi.fn()
    const { isTalking } = scope.run(() => usePushToTalk({ isMuted: () => true, setMic }))!
    press('keydown')
    window.dispatchEvent(new Event('blur'))
    expect(isTalking.value).toBe(false)
  })

  it('leaves Space to whoever writes, and to who is not muted', () => {
    const setMic = vi.fn()
    let muted = true
    scope.run(() => usePushToTalk({ isMuted: () => muted, setMic }))
    const field = document.body.appendChild(document.createElement('textarea'))
    expect(press('keydown', field).defaultPrevented).toBe(false)
    field.remove()
    muted = false
    press('keydown')
    expect(setMic).not.toHaveBeenCalled()
  })
})
