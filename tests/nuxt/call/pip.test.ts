import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import CallPip from '~/components/call/CallPip.vue'
import CallTile from '~/components/call/CallTile.vue'
import { useCallPip } from '~/composables/call/useCallPip'
import { pipKind } from '~/utils/call/pip'
import type { CallTileModel } from '~/utils/call/tiles'

const bob: CallTileModel = { key: 'b:cam', peerId: 'b', userId: 'bob', name: 'Bob', source: 'cam', isSelf: false, mic: true, hand: false, hasVideo: false, status: 'connected' }
const actions = { video: () => null, isMicOn: () => true, toggleMic: () => undefined, leave: () => undefined }

afterEach(() => {
  Reflect.deleteProperty(window, 'documentPictureInPicture')
})

describe('the call over other windows', () => {
  it('is a page of ours where there can be one, else a video, else nothing', () => {
    const video = { pictureInPictureEnabled: true }
    const none = { pictureInPictureEnabled: false }
    expect(pipKind({ documentPictureInPicture: { requestWindow: () => Promise.reject(new Error()) }, document: none })).toBe('document')
    expect(pipKind({ document: video })).toBe('video')
    expect(pipKind({ document: none })).toBeUndefined()
  })

  it('opens with the looks of the page, and is closed by its owner, and by whoever closes the window', async () => {
    const opened: (EventTarget & { document: Document, close: () => void })[] = []
    Object.assign(window, { documentPictureInPicture: { requestWindow: async () => {
      const one = Object.assign(new EventTarget(), { document: document.implementation.createHTMLDocument(), close: vi.fn() })
      opened.push(one)
      return one
    } } })
    const scope = effectScope()
    const pip = scope.run(() => useCallPip(actions))!
    await pip.toggle()
    expect(pip.page.value).toBe(opened[0]!.document.body)
    expect(opened[0]!.document.documentElement.className).toBe('dark')
    expect(opened[0]!.document.styleSheets.length).toBe(document.styleSheets.length)
    opened[0]!.dispatchEvent(new Event('pagehide'))
    expect([pip.isOpen.value, pip.page.value]).toEqual([false, undefined])
    await pip.toggle()
    scope.stop()
    expect(opened[1]!.close).toHaveBeenCalledTimes(1)
    expect(pip.isOpen.value).toBe(false)
  })

  it('shows who is there, with mute and leave', async () => {
    const page = document.body.appendChild(document.createElement('div'))
    const wrapper = await mountSuspended(CallPip, { props: { page, tile: bob, track: null, micOn: true, camOn: false } })
    expect(page.textContent).toContain('Bob')
    const press = (label: string) => page.querySelector<HTMLElement>(`[aria-label="${label}"]`)!.click()
    press('Microphone: Mute')
    press('Start camera')
    press('Leave')
    expect(Object.keys(wrapper.emitted())).toEqual(expect.arrayContaining(['mic', 'cam', 'leave']))
    wrapper.unmount()
    page.remove()
  })
})

describe('a tile for who may mute', () => {
  const props = { tile: bob, track: null, bars: 0 as const, isSpeaking: false, isPinned: false, isSmall: false }

  it('has the button on it, with the name', async () => {
    const wrapper = await mountSuspended(CallTile, { props: { ...props, canMute: true } })
    await wrapper.get('[aria-label="Mute Bob"]').trigger('click')
    expect(wrapper.emitted('mute')).toHaveLength(1)
    await wrapper.setProps({ canMute: false })
    expect(wrapper.find('[aria-label="Mute Bob"]').exists()).toBe(false)
  })
})
