import { until, useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import type { MediaState } from '#shared/protocol/frames'
import { useCallStore } from '~/stores/call'
import type { CallParticipant } from '~/stores/call'
import { MESH_LIMIT } from '~/utils/call/budget'
import { createMesh } from '~/utils/call/mesh'
import type { Mesh, MeshPeer } from '~/utils/call/mesh'
import { peersInRoom } from '~/utils/call/presence'
import type { RoomPeer } from '~/utils/call/presence'
import { rememberCall } from '~/utils/call/resume'
import type { CallMemory } from '~/utils/call/resume'
import { newSession } from '~/utils/call/signal'
import { SLOTS } from '~/utils/call/types'
import type { LinkStats } from '~/utils/call/stats'
import type { ParticipantState, SendQuality, SlotTracks } from '~/utils/call/types'
import type { RoomChannel } from '~/utils/room-channel'
import { safeStorage } from '~/utils/storage'
import type { TabChannel } from '~/utils/tab-channel'
import { useCallStats } from './useCallStats'
import { useIceServers } from './useIceServers'
import { useMediaStream } from './useMediaStream'
import type { UseMediaStreamReturn } from './useMediaStream'
import { useSendQuality } from './useSendQuality'

export interface UseCallOptions {
  channel: RoomChannel
  /** What a peer without a name in the room is called. */
  unknownName: string
  /** The other tabs of this browser profile. */
  tabs?: Pick<TabChannel, 'id' | 'on' | 'post'>
}

export interface UseCallReturn {
  media: UseMediaStreamReturn
  /** What the others have sent so far, by peer id. */
  tracks: Readonly<ShallowRef<ReadonlyMap<string, Readonly<SlotTracks>>>>
  /** The names of the others in the call, as presence has them, also before joining. */
  inCall: ComputedRef<readonly string[]>
  /** Whether as many are in the call as a mesh carries. */
  isFull: ComputedRef<boolean>
  /** This person's user id, once the room is known. */
  userId: ComputedRef<string>
  /** The newest statistics of each link by peer id. */
  stats: Readonly<ShallowRef<ReadonlyMap<string, LinkStats>>>
  /** What this side sends at most, and why. */
  quality: ComputedRef<SendQuality>
  /** The live links, for levels. */
  links: () => ReadonlyMap<string, MeshPeer>
  /** Enters the call with what is on by then; not when it is full. */
  join: () => Promise<void>
  /** Leaves the call, or goes back from where one would enter it. */
  leave: () => void
  toggleMic: () => Promise<void>
  toggleCam: () => Promise<void>
  toggleScreen: () => Promise<void>
  toggleHand: () => void
}

/**
 * A stay in a room's call: joins presence, devices and links, and tells the store. Media never depends on
 * signalling being up: while the channel is away the links live on, and what they need waits for it.
 */
export function useCall(options: UseCallOptions): UseCallReturn {
  const { channel, tabs } = options
  const store = useCallStore()
  const media = useMediaStream()
  const ice = useIceServers()
  const tracks = shallowRef<ReadonlyMap<string, Readonly<SlotTracks>>>(new Map())
  const room = computed(() => peersInRoom(channel.members.value, channel.peerId.value))
  const inCall = computed(() => [...room.value.peers.values()].filter(peer => peer.media?.in_call).map(peer => peer.name))
  const isFull = computed(() => inCall.value.length >= MESH_LIMIT)
  const userId = computed(() => room.value.self?.userId ?? '')
  /** Who was seen in the room: presence may lose somebody whose media goes on. */
  const seen = new Map<string, RoomPeer>()
  let mesh: Mesh | undefined
  let refreshing = false
  /** One stay, from the press that begins it to what ends it. What is awaited for one goes on for no other. */
  let stay = new AbortController()
  const links = () => mesh?.peers ?? new Map<string, MeshPeer>()
  const people = shallowRef(1)
  const { stats } = useCallStats({ links })
  const quality = useSendQuality({ people, stats })

  const ownState = (): ParticipantState => ({
    mic: media.micOn.value,
    cam: media.cam.value !== null,
    screen: media.screen.value !== null,
    hand: store.hand,
  })

  function announce() {
    const inCall = mesh !== undefined
    const off = { mic: false, cam: false, screen: false, hand: false }
    channel.send({ type: 'media-state', room: channel.room, in_call: inCall, ...(inCall ? ownState() : off) })
  }

  /** Whether the server still holds an earlier page load in the call, which this one does not go back to. */
  function hasGhost(): boolean {
    return store.phase === 'prejoin' && room.value.self?.media?.in_call === true
  }

  function participant(peerId: string, peer: MeshPeer): CallParticipant {
    const present = room.value.peers.get(peerId)
    if (present) seen.set(peerId, present)
    const told: MediaState | ParticipantState | null | undefined = peer.state ?? present?.media
    return {
      peerId,
      userId: seen.get(peerId)?.userId ?? peerId,
      name: seen.get(peerId)?.name ?? options.unknownName,
      status: peer.link.status,
      reason: peer.link.reason,
      mic: told?.mic ?? false,
      cam: told?.cam ?? false,
      screen: told?.screen ?? false,
      hand: told?.hand ?? false,
      broken: peer.broken,
    }
  }

  function refresh() {
    refreshing = false
    if (!mesh) return
    store.setParticipants([...mesh.peers].map(([id, peer]) => participant(id, peer)))
    tracks.value = new Map([...mesh.peers].map(([id, peer]) => [id, peer.link.tracks]))
    people.value = mesh.peers.size + 1
  }

  /** Many links change in one tick; the page is told once. */
  function refreshSoon() {
    if (refreshing) return
    refreshing = true
    queueMicrotask(refresh)
  }

  function follow() {
    mesh?.reconcile(new Map([...room.value.peers].map(([id, peer]) => [id, peer.media?.in_call])))
    refreshSoon()
  }

  /** Ends the stay before, and begins one. */
  function begin(): AbortSignal {
    stay.abort()
    stay = new AbortController()
    store.setPhase('joining')
    return stay.signal
  }

  async function enter(signal: AbortSignal) {
    const [{ createSimplePeerTransport }, self] = await Promise.all([
      import('~/utils/call/simple-peer-transport'),
      until(channel.peerId).toBeTruthy(),
      ice.load(),
    ])
    if (signal.aborted || !self) return
    close(false)
    mesh = createMesh({
      self,
      session: newSession(),
      createTransport: createSimplePeerTransport,
      iceServers: ice.current,
      sendSignal: (to, signal) => channel.send({ type: 'webrtc-signal', room: channel.room, to, signal }),
      canSignal: () => channel.isConnected.value,
      state: ownState,
      onChange: refreshSoon,
    })
    mesh.setBudget(quality.value.budget)
    for (const slot of SLOTS) mesh.setTrack(slot, media[slot].value)
    store.setPhase('active')
    stateChanged()
    follow()
  }

  async function join() {
    if (isFull.value || store.phase === 'joining' || store.isActive) return
    const signal = begin()
    await media.ready()
    if (signal.aborted) return
    // What the page says one joins with stays so, whatever the browser still asks.
    media.settle()
    for (const what of ['mic', 'cam'] as const) media.dismiss(what)
    await enter(signal)
  }

  async function restore(memory: CallMemory) {
    const signal = begin()
    // A duplicated tab is another peer: its original is in the call, and this one is not.
    if (memory.peerId !== undefined && memory.peerId !== await until(channel.peerId).toBeTruthy()) {
      if (!signal.aborted) leave()
      return
    }
    if (signal.aborted) return
    store.setHand(memory.hand)
    // The call does not wait for the devices; their tracks are filled in when they come.
    media.setMic(memory.mic).catch(() => undefined)
    media.setCam(memory.cam).catch(() => undefined)
    await enter(signal)
  }

  function close(unload: boolean) {
    mesh?.close(unload)
    mesh = undefined
    tracks.value = new Map()
    people.value = 1
  }

  function leave() {
    stay.abort()
    const { phase } = store
    if (phase === 'idle') return media.stop()
    store.setPhase('leaving')
    close(false)
    if (phase !== 'prejoin') announce()
    media.stop()
    store.setPhase('idle')
  }

  /** What a step of a stay fails with ends that stay, and no later one. */
  function orLeave(entering: Promise<void>) {
    const { signal } = stay
    entering.catch(() => signal.aborted || leave())
  }

  function stateChanged() {
    if (!mesh) return
    announce()
    mesh.tell()
    const { mic, cam, hand } = ownState()
    rememberCall({ room: channel.room, mic, cam, hand, peerId: channel.peerId.value }, safeStorage('session'))
  }

  for (const slot of SLOTS) watch(media[slot], track => mesh?.setTrack(slot, track), { flush: 'sync' })
  watch(() => quality.value.budget, budget => mesh?.setBudget(budget), { flush: 'sync' })
  watch([media.micOn, media.cam, media.screen, () => store.hand], stateChanged)
  // The room's state may come before signals may be sent: links that wait for that go on when it is so.
  watch([room, channel.isConnected], ([, now], [, before]) => {
    const isBack = now && !before
    if (isBack && (mesh || hasGhost())) announce()
    if (isBack) mesh?.resume()
    follow()
  })
  const stop = channel.on('webrtc-signal', frame => mesh?.receive(frame.from, frame.signal))
  const stopGiving = tabs?.on('call-take', ({ room, from, by }) => {
    if (room !== channel.room || from !== tabs.id || !mesh) return
    const { mic, cam, hand } = ownState()
    leave()
    tabs.post({ type: 'call-given', room, to: by, handover: { mic, cam, hand } })
  })
  useEventListener('pagehide', () => close(true))
  useEventListener('pageshow', (event) => {
    if (event.persisted && store.phase === 'active') orLeave(enter(begin()))
  })
  onScopeDispose(() => {
    stop()
    stopGiving?.()
    leave()
  })
  // Set before this began by a reload, later by a move from another tab.
  watch(() => store.memory, memory => memory && orLeave(restore(memory)), { immediate: true })

  return {
    media,
    tracks,
    inCall,
    isFull,
    userId,
    stats,
    quality,
    links,
    join,
    leave,
    toggleMic: async () => void await media.toggleMic(),
    toggleCam: async () => void await media.toggleCam(),
    async toggleScreen() {
      if (media.screen.value) media.stopScreen()
      else await media.startScreen()
    },
    toggleHand: () => store.setHand(!store.hand),
  }
}
