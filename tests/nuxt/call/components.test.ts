import { mountSuspended } from '@nuxt/test-utils/runtime'
import { describe, expect, it } from 'vitest'
import CallBar from '~/components/call/CallBar.vue'
import CallTile from '~/components/call/CallTile.vue'
import StatsPanel from '~/components/call/StatsPanel.vue'
import { useCallStore } from '~/stores/call'
import { budgetFor } from '~/utils/call/budget'
import type { CallTileModel } from '~/utils/call/tiles'

const tile: CallTileModel = { key: 'b:cam', peerId: 'b', userId: 'u', name: 'Bob Ray', source: 'cam', isSelf: false, mic: true, hand: false, hasVideo: false, status: 'connected' }
const mountTile = (part: Partial<CallTileModel>, bars: 0 | 4 = 4) => mountSuspended(CallTile, { props: { tile: { ...tile, ...part }, track: null, bars, isSpeaking: false, isPinned: false, isSmall: false } })

describe('CallTile', () => {
  it('shows initials and name where there is no picture', async () => {
    const wrapper = await mountTile({})
    expect(wrapper.attributes('aria-label')).toBe('Bob Ray')
    expect(wrapper.text()).toContain('BR')
    expect(wrapper.find('video').exists()).toBe(false)
  })

  it.each([
    [{ status: 'connecting' }, 'Connecting…'],
    [{ status: 'reconnecting', reason: 'lost' }, 'Reconnecting…'],
    [{ status: 'reconnecting', reason: 'signalling' }, 'Reconnecting when the server is back…'],
    [{ status: 'reconnecting', reason: 'reloading' }, 'Coming back…'],
    [{ status: 'unreachable', reason: 'needs-turn' }, 'Cannot reach Bob Ray: a TURN server is needed'],
    [{ status: 'unreachable', reason: 'turn-refused' }, 'Cannot reach Bob Ray: the TURN server does not answer'],
  ] as const)('[B6] says what is wrong: %j', async (part, sentence) => {
    expect((await mountTile(part)).text()).toContain(sentence)
  })

  it('names mute, hand and quality', async () => {
    const wrapper = await mountTile({ mic: false, hand: true })
    expect(wrapper.findAll('[role=img]').map(one => one.attributes('aria-label'))).toEqual(['Microphone off', 'Good connection', 'Hand raised'])
  })

  it('is pinned by a button that says so', async () => {
    const wrapper = await mountTile({})
    const pin = wrapper.get('button')
    expect(pin.attributes()).toMatchObject({ 'aria-pressed': 'false', 'aria-label': 'Pin Bob Ray' })
    await pin.trigger('click')
    expect(wrapper.emitted('pin')).toHaveLength(1)
  })
})

describe('CallBar', () => {
  const mountBar = (micOn: boolean) => mountSuspended(CallBar, { props: { micOn, camOn: true, screenOn: false, canShare: true } })

  it('says what each switch is, does, and whether it is on', async () => {
    const wrapper = await mountBar(false)
    const [mic, cam, screen, hand] = wrapper.findAll('button[aria-pressed]')
    expect(mic?.attributes('aria-label')).toBe('Microphone: Unmute')
    expect(mic?.text()).toContain('Unmute (M)')
    expect(mic?.attributes('aria-pressed')).toBe('false')
    expect(mic?.classes()).toContain('bg-red-700')
    expect(cam?.attributes('aria-pressed')).toBe('true')
    expect(screen?.attributes('aria-label')).toBe('Share screen')
    expect(hand?.attributes('aria-label')).toBe('Raise hand')
    await mic?.trigger('click')
    expect(wrapper.emitted('mic')).toHaveLength(1)
  })

  it('leaves', async () => {
    const wrapper = await mountBar(true)
    await wrapper.findAll('button').find(button => button.text() === 'Leave')?.trigger('click')
    expect(wrapper.emitted('leave')).toHaveLength(1)
  })
})

describe('StatsPanel', () => {
  it('[B8][B11] shows codec, picture, rate, loss, jitter, round trip and path, and what is sent at most and why', async () => {
    const stats = new Map([['b', { roundTrip: 42, path: 'relay ↔ host (udp)', totals: new Map(), streams: [
      { slot: 'cam' as const, direction: 'in' as const, codec: 'VP8', width: 640, height: 360, fps: 24, bitrate: 500_000, loss: 0.02, jitter: 12 },
      { slot: 'mic' as const, direction: 'out' as const, codec: 'opus', bitrate: 0 },
    ] }]])
    const participants = [{ peerId: 'b', userId: 'u', name: 'Bob', status: 'connected' as const, broken: [], mic: true, cam: true, screen: false, hand: false }]
    const quality = { people: 3, lowered: 1, budget: budgetFor(3, 1) }
    const text = (await mountSuspended(StatsPanel, { props: { participants, stats, quality } })).text()
    for (const part of ['Bob', '42 ms', 'relay ↔ host (udp)', 'VP8', '640×360', '24', '500', '2%', '12 ms']) expect(text).toContain(part)
    expect(text).not.toMatch(/opus|lines/)
    for (const part of ['For 3 people', 'direct connections carry 6', 'this computer is busy']) expect(text).toContain(part)
  })
})

describe('useCallStore', () => {
  it('goes to the pre-join only from outside, and back', () => {
    const store = useCallStore()
    store.openPrejoin()
    expect(store.phase).toBe('prejoin')
    store.cancelPrejoin()
    expect(store.phase).toBe('idle')
    store.setPhase('active')
    store.openPrejoin()
    expect([store.phase, store.isActive]).toEqual(['active', true])
    store.setPhase('idle')
  })

  it('lets a pin go with its participant', () => {
    const store = useCallStore()
    store.setParticipants([{ peerId: 'b', userId: 'u', name: 'Bob', status: 'connected', broken: [], mic: true, cam: true, screen: false, hand: false }])
    store.togglePin({ peerId: 'b', source: 'cam' })
    expect(store.pinned).toEqual({ peerId: 'b', source: 'cam' })
    store.setParticipants([])
    expect(store.pinned).toBeUndefined()
  })
})
