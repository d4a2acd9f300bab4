import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import type { EffectScope } from 'vue'
import { usePushToTalk } from '~/composables/call/usePushToTalk'

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
})
afterEach(() => scope.stop())

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

  it('leaves no wish behind where the microphone was not to be had, or was muted while the key was held', () => {
    const setMic = vi.fn()
    const muted = ref(true)
    const { isTalking } = scope.run(() => usePushToTalk({ isMuted: () => muted.value, setMic }))!
    press('keydown')
    muted.value = false
    muted.value = true
    expect([isTalking.value, setMic.mock.lastCall]).toEqual([false, [false]])
    press('keyup')
    expect(setMic).toHaveBeenCalledTimes(2)
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

  it('leaves Space to a dialog over the call, and to a control reached by keyboard', () => {
    const setMic = vi.fn()
    scope.run(() => usePushToTalk({ isMuted: () => true, setMic }))
    for (const role of ['dialog', 'alertdialog']) {
      const dialog = document.body.appendChild(Object.assign(document.createElement('div'), { role, innerHTML: '<p tabindex="0">text</p>' }))
      dialog.setAttribute('role', role)
      expect(press('keydown', dialog.firstElementChild!).defaultPrevented, role).toBe(false)
      dialog.remove()
    }
    expect(setMic).not.toHaveBeenCalled()
    press('keydown')
    expect(setMic.mock.calls).toEqual([[true]])
  })
})
