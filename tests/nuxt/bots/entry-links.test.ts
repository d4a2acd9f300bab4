import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EffectScope } from 'vue'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { entryIn, useEntryLinks } from '~/composables/chat/useEntryLinks'

describe('links to messages', () => {
  let scope: EffectScope
  let root: HTMLElement
  const goto = vi.fn(async () => true)
  const ready = ref(false)
  const address = location.href

  beforeEach(() => {
    root = document.body.appendChild(document.createElement('div'))
    scope = effectScope(true)
    ready.value = false
    goto.mockClear()
  })
  afterEach(() => {
    scope.stop()
    root.remove()
    history.replaceState(null, '', address)
  })

  function start() {
    scope.run(() => useEntryLinks({ root: shallowRef(root), room: () => 'team', ready: () => ready.value, goto }))
  }

  /** Presses a link. Returns whether it led away. */
  function press(href: string): boolean {
    root.innerHTML = `<a href="${href}" target="_blank"><b>link</b></a>`
    return root.querySelector('b')!.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
  }

  it('lead to the message in place in this room, and away from it otherwise', () => {
    start()
    expect(press('/r/team#m12')).toBe(false)
    expect(goto.mock.calls).toEqual([[12]])
    root.addEventListener('click', event => event.preventDefault())
    for (const href of ['/r/other#m12', '/r/team', '/docs/team#m12', 'https://elsewhere.example/r/team#m12']) press(href)
    expect(goto).toHaveBeenCalledTimes(1)
  })

  it('count as the address one came with, once the room is there', async () => {
    history.replaceState(null, '', '/r/team#m7')
    start()
    await nextTick()
    expect(goto).not.toHaveBeenCalled()
    ready.value = true
    await nextTick()
    expect(goto.mock.calls).toEqual([[7]])
    ready.value = false
    await nextTick()
    ready.value = true
    await nextTick()
    expect(goto).toHaveBeenCalledTimes(1)
  })

  it.each([['#m12', 12], ['#m', undefined], ['#m1x', undefined], ['', undefined]])('are read from %j', (hash, seq) => {
    expect(entryIn(new URL(`http://t/r/team${hash}`), 'team')).toBe(seq)
  })
})
