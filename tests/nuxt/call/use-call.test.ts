import { registerEndpoint } from '@nuxt/test-utils/runtime'
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import type { EffectScope } from 'vue'
import type { ClientFrame, Member, ServerFrame } from '#shared/protocol/frames'
import { useCall } from '~/composables/call/useCall'
import { useCallStore } from '~/stores/call'
import { ChatError } from '~/utils/connection/chat-error'
import type { RoomChannel } from '~/utils/room/room-channel'

vi.mock('~/utils/call/simple-peer-transport', () => ({ createSimplePeerTransport: vi.fn() }))
let iceServers = Promise.resolve()
registerEndpoint('/api/ice-servers', () => iceServers.then(() => ({ iceServers: [], ttl_s: 60 })))

/** Holds the ICE servers' answer until the test gives it. */
function holdIce() {
  let give = () => {}
  iceServers = new Promise((resolve) => {
    give = resolve
  })
  return () => give()
}

const media = { in_call: true, mic: true, cam: true, screen: false, hand: false }
const member = (userId: string, peer: string, state: typeof media | null): Member => ({ userId, name: userId, role: 'member', status: 'online', peers: [{ peer_id: peer, media: state }] })

function fakeChannel() {
  const sent: ClientFrame[] = []
  const isConnected = ref(false)
  const isRefusing = ref(false)
  const handlers = new Map<string, (frame: ServerFrame) => void>()
  const members = shallowRef<Member[]>([])
  const channel: RoomChannel = {
    room: 'r',
    peerId: ref('me'),
    isConnected,
    members,
    send(frame) {
      if (isConnected.value) sent.push(frame)
      return isConnected.value
    },
    async request(frame) {
      sent.push(frame)
      if (isRefusing.value && frame.type === 'media-state' && frame.in_call) throw new ChatError({ code: 'conflict', message: 'full', retryable: false })
      return { type: 'ack', ref: '1', place: 'run.1' }
    },
    on(type, handler) {
      handlers.set(type, handler as (frame: ServerFrame) => void)
      return () => undefined
    },
  }
  const receive = (frame: ServerFrame) => handlers.get(frame.type)?.(frame)
  return { channel, sent, isConnected, members, isRefusing, receive }
}

let scope: EffectScope
beforeEach(() => {
  scope = effectScope()
  sessionStorage.clear()
})
afterEach(() => {
  scope.stop()
  useCallStore().setPhase('idle')
})

describe('useCall', () => {
  it('[B5] greets whom it learned of before signals could be sent', async () => {
    const { channel, sent, isConnected, members } = fakeChannel()
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    isConnected.value = true
    await call.join()
    await vi.waitFor(() => expect(store.phase).toBe('active'))
    isConnected.value = false
    sent.length = 0
    await nextTick()
    members.value = [member('me', 'me', media), member('bob', 'peer-b', media)]
    await nextTick()
    await flushPromises()
    expect(store.participants).toMatchObject([{ peerId: 'peer-b', name: 'bob', status: 'connecting' }])
    expect(sent).toEqual([])
    isConnected.value = true
    await nextTick()
    expect(sent).toContainEqual(expect.objectContaining({ type: 'media-state', in_call: true }))
    expect(sent).toContainEqual(expect.objectContaining({ type: 'webrtc-signal', to: 'peer-b', signal: expect.objectContaining({ k: 'hello' }) }))
  })

  it('[RTC-2] says again that it is in the call after every reconnect', async () => {
    const { channel, sent, isConnected } = fakeChannel()
    isConnected.value = true
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    await vi.waitFor(() => expect(useCallStore().phase).toBe('active'))
    sent.length = 0
    isConnected.value = false
    await nextTick()
    isConnected.value = true
    await nextTick()
    expect(sent.filter(frame => frame.type === 'media-state')).toHaveLength(1)
  })

  it('remembers the call for a reload, and forgets it when one leaves', async () => {
    const { channel, sent, isConnected } = fakeChannel()
    isConnected.value = true
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    await vi.waitFor(() => expect(store.phase).toBe('active'))
    call.toggleHand()
    await nextTick()
    expect(sessionStorage.getItem('lastra:call')).toContain('"hand":true')
    call.leave()
    expect(sessionStorage.getItem('lastra:call')).toBeNull()
    expect(sent.at(-1)).toMatchObject({ type: 'media-state', in_call: false })
    expect(store.phase).toBe('idle')
  })

  it('does not enter once one went back while it was joining', async () => {
    const give = holdIce()
    const { channel, sent, isConnected } = fakeChannel()
    isConnected.value = true
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    store.openPrejoin()
    const joining = call.join()
    await nextTick()
    expect(store.phase).toBe('joining')
    call.leave()
    give()
    await joining
    await flushPromises()
    expect(store.phase).toBe('idle')
    expect(sent).not.toContainEqual(expect.objectContaining({ in_call: true }))
  })

  it('is in the call once after leaving and joining again while the servers were slow', async () => {
    const give = holdIce()
    const { channel, sent, isConnected, members } = fakeChannel()
    isConnected.value = true
    members.value = [member('bob', 'peer-b', media)]
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    const first = call.join()
    await nextTick()
    call.leave()
    const second = call.join()
    await nextTick()
    give()
    await Promise.all([first, second])
    await vi.waitFor(() => expect(store.phase).toBe('active'))
    await flushPromises()
    const hellos = sent.flatMap(frame => frame.type === 'webrtc-signal' ? [(frame.signal as { from: string }).from] : [])
    expect(new Set(hellos).size).toBe(1)
    expect(call.links().size).toBe(1)
  })

  it('[RTC-5] stays before the door of a call that has no place, says so, and enters once there is one', async () => {
    const { channel, isConnected, isRefusing, members } = fakeChannel()
    isConnected.value = true
    isRefusing.value = true
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    store.openPrejoin()
    await call.join()
    expect([store.phase, store.isRefused, call.links().size]).toEqual(['prejoin', true, 0])
    isRefusing.value = false
    members.value = [member('bob', 'peer-b', media)]
    await nextTick()
    expect(store.isRefused).toBe(false)
    await call.join()
    expect(store.phase).toBe('active')
  })

  it('[RTC-5] leaves a call that filled up while one was away', async () => {
    const { channel, isConnected, isRefusing } = fakeChannel()
    isConnected.value = true
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    isConnected.value = false
    await nextTick()
    isRefusing.value = true
    isConnected.value = true
    await vi.waitFor(() => expect([store.phase, store.isRefused]).toEqual(['prejoin', true]))
  })

  it('[RTC-5] drops the link of one who is removed at once', async () => {
    const { channel, isConnected, members, receive } = fakeChannel()
    isConnected.value = true
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    members.value = [member('bob', 'peer-b', media)]
    await nextTick()
    await flushPromises()
    expect([...call.links().keys()]).toEqual(['peer-b'])
    receive({ type: 'room.updated', room: 'r', seq: 1, userId: 'host', timestamp: '', member: { userId: 'bob', name: 'bob', removed: true } })
    expect(call.links().size).toBe(0)
  })

  it('[RTC-6] mutes when a moderator says so, answers, and plays nothing of one who has not', async () => {
    const { channel, sent, isConnected, members, receive } = fakeChannel()
    isConnected.value = true
    const store = useCallStore()
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    store.setHand(true)
    await nextTick()
    sent.length = 0
    receive({ type: 'media.control', room: 'r', userId: 'h', userName: 'Ann', mic: false, hand: false })
    expect([store.hand, store.control]).toEqual([false, { by: 'Ann', mic: true, hand: true }])
    expect(sent).toContainEqual(expect.objectContaining({ type: 'media-state', mic: false, hand: false }))
    const bob = member('bob', 'peer-b', media)
    members.value = [{ ...bob, peers: [{ peer_id: 'peer-b', media, silenced: true }] }]
    await nextTick()
    await flushPromises()
    expect(store.participants).toMatchObject([{ peerId: 'peer-b', mic: false }])
    expect(call.tracks.value.get('peer-b')?.mic).toBeNull()
  })

  it('does not enter a call that is full', async () => {
    const { channel, isConnected, members } = fakeChannel()
    isConnected.value = true
    members.value = Array.from({ length: 6 }, (_, n) => member(`u${n}`, `p${n}`, media))
    const call = scope.run(() => useCall({ channel, unknownName: '?' }))!
    await call.join()
    expect([call.isFull.value, useCallStore().phase]).toEqual([true, 'idle'])
  })
})
