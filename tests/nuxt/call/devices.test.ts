import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { EffectScope } from 'vue'
import { useMediaStream } from '~/composables/call/useMediaStream'
import { useDevicesStore } from '~/stores/devices'

class FakeTrack extends EventTarget {
  enabled = true
  readyState: MediaStreamTrackState = 'live'
  contentHint = ''
  readonly id = crypto.randomUUID()
  constructor(readonly kind: string, readonly deviceId = 'any') { super() }
  getSettings() { return { deviceId: this.deviceId } }
  stop() { this.readyState = 'ended' }
}

let scope: EffectScope
const getUserMedia = vi.fn()
const getDisplayMedia = vi.fn()

const stream = (...kinds: string[]) => streamOf(kinds.map(kind => new FakeTrack(kind)))
const streamOf = (tracks: FakeTrack[]) => {
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
    expect([media.mic.value, media.micOn.value]).toEqual([null, false])
    await vi.waitFor(() => expect(media.problems.value.mic).toBe('unplugged'))
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

/** An answer of the browser that a test gives when it wants. */
function held() {
  const answer = { give: (_value: unknown) => {}, refuse: (_name: string) => {} }
  getUserMedia.mockReturnValueOnce(new Promise((resolve, reject) => {
    answer.give = resolve
    answer.refuse = name => reject(new DOMException('', name))
  }))
  return answer
}
const busy = () => Promise.reject(new DOMException('', 'NotReadableError'))

describe('what is wanted, apart from what devices do', () => {
  it('a muted microphone stays muted through a busy one, a retry and another choice', async () => {
    const media = use()
    await media.setMic(true)
    await media.setMic(false)
    getUserMedia.mockImplementationOnce(busy)
    await media.choose('microphone', 'taken')
    expect([media.problems.value.mic, media.mic.value?.enabled]).toEqual(['busy', false])
    expect(await media.retry('mic')).toBe(true)
    expect([media.problems.value.mic, media.micOn.value, media.mic.value?.enabled]).toEqual([undefined, false, false])
    expect(getUserMedia).toHaveBeenLastCalledWith({ audio: expect.objectContaining({ deviceId: { ideal: 'taken' } }) })
  })

  it('a microphone that was unplugged while muted comes back muted', async () => {
    const media = use()
    await media.setMic(true)
    await media.setMic(false)
    media.mic.value?.dispatchEvent(new Event('ended'))
    await vi.waitFor(() => expect(media.problems.value.mic).toBe('unplugged'))
    await media.retry('mic')
    expect([media.micOn.value, media.mic.value?.enabled]).toEqual([false, false])
    await media.toggleMic()
    expect([media.micOn.value, media.mic.value?.enabled]).toEqual([true, true])
  })

  it('one that was put aside is muted from then on', async () => {
    const media = use()
    await media.setMic(true)
    media.mic.value?.dispatchEvent(new Event('ended'))
    await vi.waitFor(() => expect(media.problems.value.mic).toBe('unplugged'))
    media.dismiss('mic')
    await media.choose('microphone', 'other')
    expect([media.mic.value, media.micOn.value]).toEqual([null, false])
  })

  it('two presses while a camera starts end off, three on', async () => {
    const media = use()
    const first = held()
    void media.toggleCam()
    expect([media.camShown.value, media.cam.value]).toEqual([true, null])
    void media.toggleCam()
    const late = stream('video')
    first.give(late)
    await vi.waitFor(() => expect(late.getTracks()[0]?.readyState).toBe('ended'))
    expect([media.camShown.value, media.cam.value]).toEqual([false, null])
    await media.toggleCam()
    expect(media.cam.value?.readyState).toBe('live')
  })

  it('retries a camera that is freed by asking again', async () => {
    const media = use()
    await media.setCam(true)
    getUserMedia.mockImplementation(busy)
    await media.choose('camera', 'taken')
    expect(media.problems.value.cam).toBe('busy')
    getUserMedia.mockClear().mockImplementation(() => Promise.resolve(stream('video')))
    expect(await media.retry('cam')).toBe(true)
    expect([getUserMedia.mock.calls.length, media.problems.value.cam]).toEqual([1, undefined])
  })

  it('frees the camera where only one opens at a time, and goes back to it when the other fails too', async () => {
    const open: FakeTrack[] = []
    const isOpen = () => open.some(track => track.readyState === 'live')
    getUserMedia.mockImplementation(({ video }: { video: { deviceId?: { ideal?: string, exact?: string } } }) => {
      const id = video.deviceId?.exact ?? video.deviceId?.ideal ?? 'front'
      if (isOpen() || id === 'broken') return busy()
      open.push(new FakeTrack('video', id))
      return Promise.resolve(streamOf(open.slice(-1)))
    })
    const media = use()
    await media.setCam(true)
    await media.choose('camera', 'rear')
    expect([media.cam.value?.getSettings().deviceId, media.problems.value.cam]).toEqual(['rear', undefined])
    await media.choose('camera', 'broken')
    expect([media.cam.value?.getSettings().deviceId, media.cam.value?.readyState, media.problems.value.cam]).toEqual(['rear', 'live', 'busy'])
  })

  it('asks for no camera once one went back while the browser asked for the microphone', async () => {
    const media = use()
    const question = held()
    void media.start()
    await vi.waitFor(() => expect(getUserMedia).toHaveBeenCalledTimes(1))
    media.stop()
    const late = stream('audio')
    question.give(late)
    await vi.waitFor(() => expect(late.getTracks()[0]?.readyState).toBe('ended'))
    expect([getUserMedia.mock.calls.length, media.mic.value, media.cam.value]).toEqual([1, null, null])
  })

  it('leaves off what the browser still asks for when one has joined without it', async () => {
    const media = use()
    const question = held()
    void media.start()
    await vi.waitFor(() => expect(getUserMedia).toHaveBeenCalledTimes(1))
    media.settle()
    question.give(stream('audio'))
    await new Promise(resolve => setTimeout(resolve))
    expect([media.micShown.value, media.mic.value, media.cam.value, getUserMedia.mock.calls.length]).toEqual([false, null, null, 1])
  })

  it('waits for devices that come soon, and for no person', async () => {
    vi.useFakeTimers()
    const media = use()
    held()
    void media.start()
    let isReady = false
    void media.ready().then(() => {
      isReady = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect([isReady, media.isAsking.value]).toEqual([false, false])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([isReady, media.isAsking.value]).toEqual([true, true])
    vi.useRealTimers()
  })

  it('tells a permission that was taken back from a device that was pulled out', async () => {
    Object.defineProperty(navigator, 'permissions', { value: { query: async () => ({ state: 'denied' }) }, configurable: true })
    const media = use()
    await media.setCam(true)
    media.cam.value?.dispatchEvent(new Event('ended'))
    await vi.waitFor(() => expect(media.problems.value.cam).toBe('revoked'))
  })

  it('opens what was refused as soon as it is allowed in the browser\'s settings, and nothing that nobody wanted', async () => {
    const statuses: Record<string, EventTarget & { state: string }> = {}
    const query = async ({ name }: { name: string }) => statuses[name] ??= Object.assign(new EventTarget(), { state: 'denied' })
    Object.defineProperty(navigator, 'permissions', { value: { query }, configurable: true })
    getUserMedia.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'))
    const media = use()
    await media.setCam(true)
    expect(media.problems.value.cam).toBe('denied')
    for (const status of Object.values(statuses)) {
      status.state = 'granted'
      status.dispatchEvent(new Event('change'))
    }
    await vi.waitFor(() => expect(media.cam.value).not.toBeNull())
    expect(media.problems.value.cam).toBeUndefined()
    expect(media.mic.value).toBeNull()
    expect(getUserMedia).toHaveBeenCalledTimes(2)
  })

  it('names the device that is open, not the one that was chosen', async () => {
    const devices = useDevicesStore()
    const list = [{ kind: 'audioinput', deviceId: 'one', label: '1' }, { kind: 'audioinput', deviceId: 'two', label: '2' }] as MediaDeviceInfo[]
    navigator.mediaDevices.enumerateDevices = async () => list
    devices.setAvailable(list)
    devices.choose('microphone', 'one')
    getUserMedia.mockResolvedValue(streamOf([new FakeTrack('audio', 'two')]))
    const media = use()
    expect([devices.shown('microphone'), devices.shown('camera')]).toEqual(['one', undefined])
    await media.setMic(true)
    await vi.waitFor(() => expect(devices.shown('microphone')).toBe('two'))
  })

  it('opens one picker, however often a screen is asked for', async () => {
    let pick = (_value: unknown) => {}
    getDisplayMedia.mockReturnValue(new Promise((resolve) => {
      pick = resolve
    }))
    const media = use()
    const both = [media.startScreen(), media.startScreen()]
    pick(stream('video', 'audio'))
    expect(await Promise.all(both)).toEqual([true, true])
    expect(getDisplayMedia).toHaveBeenCalledTimes(1)
    const [{ audio }] = getDisplayMedia.mock.lastCall as [{ audio: MediaTrackConstraints }]
    expect(audio).toMatchObject({ restrictOwnAudio: true, noiseSuppression: false, autoGainControl: false, echoCancellation: false })
  })
})
