import { until, useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { useCallStore } from '~/stores/call'
import { MESH_LIMIT } from '~/utils/call/budget'
import { createMesh } from '~/utils/call/mesh'
import type { Mesh, MeshPeer } from '~/utils/call/mesh'
import { createParticipants } from '~/utils/call/participants'
import { peersInRoom } from '~/utils/call/presence'
import { rememberCall } from '~/utils/call/resume'
import type { CallMemory } from '~/utils/call/resume'
import type { ReactionEmoji } from '~/utils/call/reactions'
import { newSession } from '~/utils/call/signal'
import { SELF } from '~/utils/call/tiles'
import { SLOTS } from '~/utils/call/types'
import type { LinkStats } from '~/utils/call/stats'
import type { ParticipantState, SendQuality, SlotTracks } from '~/utils/call/types'
import { ChatError } from '~/utils/connection/chat-error'
import type { RoomChannel } from '~/utils/room/room-channel'
import { safeStorage } from '~/utils/app/storage'
import type { TabChannel } from '~/utils/app/tab-channel'
import { useCallPlace } from './useCallPlace'
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
  /** What the others have sent so far, by peer id; nothing of a microphone that a moderator switched off. */
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
  /** Throws an emoji over one's own tile, at everybody's. */
  react: (emoji: ReactionEmoji) => void
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
  const participants = createParticipants(options.unknownName)
  const place = useCallPlace({ channel, state: ownState, onLost: refuse })
  let mesh: Mesh | undefined
  let refreshing = false
  /** One stay, from the press that begins it to what ends it. What is awaited for one goes on for no other. */
  let stay = new AbortController()
  const links = () => mesh?.peers ?? new Map<string, MeshPeer>()
  const people = shallowRef(1)
  const { stats } = useCallStats({ links })
  const quality = useSendQuality({ people, stats })

  function ownState(): ParticipantState {
    return { mic: media.micOn.value, cam: media.cam.value !== null, screen: media.screen.value !== null, hand: store.hand }
  }

  /** Whether the server still holds an earlier page load in the call, which this one does not go back to. */
  function hasGhost(): boolean {
    return store.phase === 'prejoin' && room.value.self?.media?.in_call === true
  }

  function refresh() {
    refreshing = false
    if (!mesh) return
    const all = participants.read(mesh.peers, room.value.peers)
    store.setParticipants(all)
    tracks.value = participants.heard(mesh.peers, room.value.peers)
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
    const order = await place.take(signal)
    if (signal.aborted || order === undefined) return
    close(false)
    mesh = createMesh({
      self,
      session: newSession(order),
      createTransport: createSimplePeerTransport,
      iceServers: ice.current,
      sendSignal: (to, data) => channel.send({ type: 'webrtc-signal', room: channel.room, to, signal: data }),
      canSignal: () => channel.isConnected.value,
      state: ownState,
      onChange: refreshSoon,
      onReaction: (from, emoji) => store.addReaction(from, emoji),
    })
    mesh.setBudget(quality.value.budget)
    for (const slot of SLOTS) mesh.setTrack(slot, media[slot].value)
    store.setPhase('active')
    stateChanged()
    follow()
  }

  /** The call has no place for this side: it stays before the door, and is told so. */
  function refuse() {
    stay.abort()
    close(false)
    media.stopScreen()
    store.refused()
  }

  async function join() {
    if (isFull.value || store.phase === 'joining' || store.isActive) return
    const signal = begin()
    await media.ready()
    if (signal.aborted) return
    // What the page says one joins with stays so, whatever the browser still asks.
    media.settle()
    for (const what of ['mic', 'cam'] as const) media.dismiss(what)
    await orRefused(signal, enter(signal))
  }

  async function restore(memory: CallMemory) {
    const signal = begin()
    // A duplicated tab is another peer: its original is in the call, and this one is not.
    const isAnother = memory.peerId !== undefined && memory.peerId !== await until(channel.peerId).toBeTruthy()
    if (signal.aborted) return
    if (isAnother) return leave()
    store.setHand(memory.hand)
    // The call does not wait for the devices; their tracks are filled in when they come.
    media.setMic(memory.mic).catch(() => undefined)
    media.setCam(memory.cam).catch(() => undefined)
    await orRefused(signal, enter(signal))
  }

  async function orRefused(signal: AbortSignal, entering: Promise<void>) {
    try {
      await entering
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof ChatError && error.code === 'conflict') refuse()
      else leave()
    }
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
    if (phase !== 'prejoin') place.giveUp()
    media.stop()
    store.setPhase('idle')
  }

  function stateChanged() {
    if (!mesh) return
    place.tell()
    mesh.tell()
    const { mic, cam, hand } = ownState()
    rememberCall({ room: channel.room, mic, cam, hand, peerId: channel.peerId.value, since: store.since }, safeStorage('session'))
  }

  for (const slot of SLOTS) watch(media[slot], track => mesh?.setTrack(slot, track), { flush: 'sync' })
  watch(() => quality.value.budget, budget => mesh?.setBudget(budget), { flush: 'sync' })
  watch([media.micOn, media.cam, media.screen, () => store.hand], stateChanged)
  // Somebody came or went: the call may have room again.
  watch(() => inCall.value.length, () => store.forgive())
  // The room's state may come before signals may be sent: links that wait for that go on when it is so.
  watch([room, channel.isConnected], ([, now], [, before]) => {
    const isBack = now && !before
    if (isBack && mesh) place.tell()
    if (isBack && hasGhost()) place.giveUp()
    if (isBack) mesh?.resume()
    follow()
  })
  const stops = [
    channel.on('webrtc-signal', frame => mesh?.receive(frame.from, frame.signal)),
    channel.on('room.updated', ({ member }) => member?.removed && mesh?.expel(participants.peersOf(member.userId))),
    channel.on('media.control', ({ userName, mic, hand }) => {
      if (mic === false) void media.setMic(false)
      if (hand === false) store.setHand(false)
      store.noteControl({ by: userName, mic: mic === false, hand: hand === false })
      // Also where nothing changed: the server waits for a word of this side (RTC-6).
      stateChanged()
    }),
    tabs?.on('call-take', ({ room: where, from, by }) => {
      if (where !== channel.room || from !== tabs.id || !mesh) return
      const { mic, cam, hand } = ownState()
      leave()
      tabs.post({ type: 'call-given', room: where, to: by, handover: { mic, cam, hand } })
    }),
  ]
  useEventListener('pagehide', () => close(true))
  useEventListener('pageshow', (event) => {
    if (!event.persisted || store.phase !== 'active') return
    const signal = begin()
    void orRefused(signal, enter(signal))
  })
  onScopeDispose(() => {
    for (const stop of stops) stop?.()
    leave()
  })
  // Set before this began by a reload, later by a move from another tab.
  watch(() => store.memory, memory => void (memory && restore(memory)), { immediate: true })

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
    react(emoji) {
      store.addReaction(SELF, emoji)
      mesh?.react(emoji)
    },
  }
}
