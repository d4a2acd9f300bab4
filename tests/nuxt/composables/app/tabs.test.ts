import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EffectScope } from 'vue'
import { effectScope, nextTick } from 'vue'
import { useCallTabs } from '~/composables/call/useCallTabs'
import { useSharedSession } from '~/composables/app/useSharedSession'
import { useCallStore } from '~/stores/call'
import { useSessionStore } from '~/stores/session'
import { ChatError } from '~/utils/connection/chat-error'
import { fakeTabs } from '../../../support/tabs'
import type { FakeTabs } from '../../../support/tabs'

let browser: FakeTabs
let scope: EffectScope
beforeEach(() => {
  setActivePinia(createPinia())
  browser = fakeTabs()
  scope = effectScope(true)
})
afterEach(() => scope.stop())

const handover = { mic: false, cam: true, hand: true }

describe('[J5] one call', () => {
  const follow = (userId = 'u1') => {
    const { channel } = browser.open()
    return { channel, ...scope.run(() => useCallTabs({ room: 'r', tabs: channel, userId: () => userId, patienceMs: 20 }))! }
  }
  const here = (tab: string, active: boolean, extra: object = {}) => ({ type: 'call-here' as const, userId: 'u1', room: 'r', tab, active, ...extra })

  it('knows of the same person\'s other tabs in the same room\'s call', async () => {
    const other = browser.open()
    const tab = follow()
    expect(browser.said).toEqual([{ type: 'call-ask', userId: 'u1', room: 'r' }])
    for (const foreign of [{ userId: 'u2' }, { room: 'other' }]) other.channel.post(here(other.channel.id, true, foreign))
    await nextTick()
    expect(tab.isElsewhere.value).toBe(false)
    other.channel.post(here(other.channel.id, true))
    await nextTick()
    expect(tab.isElsewhere.value).toBe(true)
    other.channel.post(here(other.channel.id, false))
    await nextTick()
    expect(tab.isElsewhere.value).toBe(false)
  })

  it('forgets a tab that crashed in the call', async () => {
    const other = browser.open()
    const tab = follow()
    other.channel.post(here(other.channel.id, true))
    await nextTick()
    other.close()
    await vi.waitFor(() => expect(tab.isElsewhere.value).toBe(false))
  })

  it('says that it is in the call, and answers who asks', async () => {
    const other = browser.open()
    const tab = follow()
    const heard: boolean[] = []
    other.channel.on('call-here', message => heard.push(message.active))
    useCallStore().setPhase('active')
    await vi.waitFor(() => expect(heard).toEqual([true]))
    other.channel.post({ type: 'call-ask', userId: 'u1', room: 'r' })
    await vi.waitFor(() => expect(heard).toEqual([true, true]))
    other.channel.post(here(other.channel.id, true))
    await nextTick()
    expect(tab.isElsewhere.value, 'one who is in it insisted').toBe(false)
    scope.stop()
    await vi.waitFor(() => expect(heard).toEqual([true, true, false]))
  })

  it('takes the call over with what was on, and goes on without an answer', async () => {
    const other = browser.open()
    const tab = follow()
    other.channel.post(here(other.channel.id, true))
    await nextTick()
    other.channel.on('call-take', ({ room, from, by }) => from === other.channel.id && other.channel.post({ type: 'call-given', room, to: by, handover }))
    expect(await tab.take()).toEqual(handover)
    expect(tab.isElsewhere.value).toBe(false)

    const silent = browser.open()
    silent.channel.post(here(silent.channel.id, true))
    await nextTick()
    expect(await tab.take()).toBeUndefined()
    expect(tab.isElsewhere.value).toBe(false)
  })
})

describe('[J5] one person', () => {
  const ann = { id: 'u1', name: 'Ann', role: 'guest' as const }
  const eve = { id: 'u2', name: 'Eve', role: 'guest' as const }
  const start = (api: { session: () => Promise<typeof ann> }) => {
    const session = useSessionStore()
    session.signedIn(ann)
    const { channel } = browser.open()
    const onOther = vi.fn()
    scope.run(() => useSharedSession({ session, api, tabs: channel, onOther }))
    return { session, onOther }
  }

  it('asks the server when another tab says that it is somebody else', async () => {
    const other = browser.open()
    const { session, onOther } = start({ session: async () => eve })
    other.channel.post({ type: 'session', userId: 'u2', name: 'Eve' })
    await vi.waitFor(() => expect(session.user).toEqual(eve))
    expect(onOther).toHaveBeenCalledTimes(1)
    // What it learned from the others it may tell them, and it ends there.
    await vi.waitFor(() => expect(browser.said.at(-1)).toMatchObject({ userId: 'u2' }))
  })

  it('is signed out with the others, and not by a server that is away', async () => {
    const other = browser.open()
    const answers = [
      () => Promise.reject(new ChatError({ code: 'unavailable', message: 'away', retryable: true })),
      () => Promise.reject(new ChatError({ code: 'unauthorized', message: 'nobody', retryable: false })),
    ]
    const ask = vi.fn(() => answers.shift()!())
    const { session } = start({ session: ask })
    other.channel.post({ type: 'session', userId: null, name: '' })
    await vi.waitFor(() => expect(ask).toHaveBeenCalledTimes(1))
    await nextTick()
    expect(session.user).toEqual(ann)
    other.channel.post({ type: 'session', userId: null, name: '' })
    await vi.waitFor(() => expect(session.user).toBeNull())
  })

  it('says who it is when it changes, not when it is only told again', async () => {
    const { session } = start({ session: async () => ann })
    const before = browser.said.length
    session.signedIn({ ...ann })
    await nextTick()
    expect(browser.said).toHaveLength(before)
    session.signedIn({ ...ann, name: 'Anna' })
    await nextTick()
    expect(browser.said.at(-1)).toEqual({ type: 'session', userId: 'u1', name: 'Anna' })
  })
})
