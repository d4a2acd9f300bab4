import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { EffectScope } from 'vue'
import CallAudio from '~/components/call/CallAudio.vue'
import { useCallSound } from '~/composables/call/useCallSound'

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
  vi.stubGlobal('MediaStream', vi.fn())
  vi.spyOn(HTMLMediaElement.prototype, 'srcObject', 'set').mockReturnValue()
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('sound that the browser keeps off', () => {
  it.each(['click', 'keydown'])('is started by any %s, and said again when it is blocked again', (act) => {
    const sound = scope.run(() => useCallSound())!
    window.dispatchEvent(new Event(act))
    expect(sound.attempt.value).toBe(0)
    for (const round of [1, 2]) {
      sound.blocked('bob')
      expect(sound.isBlocked.value).toBe(true)
      window.dispatchEvent(new Event(act))
      expect(sound.attempt.value).toBe(round)
      sound.playing('bob')
      expect(sound.isBlocked.value).toBe(false)
    }
  })

  it('is tried again with each attempt, and when the system paused it', async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, 'play').mockRejectedValueOnce(new DOMException('', 'NotAllowedError')).mockResolvedValue()
    const wrapper = await mountSuspended(CallAudio, { props: { track: {} as MediaStreamTrack, attempt: 0 } })
    await vi.waitFor(() => expect(wrapper.emitted('blocked')).toHaveLength(1))
    await wrapper.setProps({ attempt: 1 })
    await vi.waitFor(() => expect(wrapper.emitted('playing')).toHaveLength(1))
    play.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'))
    await wrapper.get('audio').trigger('pause')
    await nextTick()
    await vi.waitFor(() => expect(wrapper.emitted('blocked')).toHaveLength(2))
  })
})
