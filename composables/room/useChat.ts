import { useIntervalFn } from '@vueuse/core'
import { computed, watch } from 'vue'
import { useNuxtApp } from '#imports'
import { CLOSE } from '#shared/protocol/limits'
import { useConnectionStore } from '../../stores/connection'
import { useOutboxStore } from '../../stores/outbox'
import { useRoomsStore } from '../../stores/rooms'
import { useSessionStore } from '../../stores/session'
import { useTransportStore } from '../../stores/transport'
import type { Api } from '../../utils/app/api'
import type { Exclusive } from '../../utils/app/exclusive'
import type { CarriageOptions } from '../../utils/connection/carriage/carriage'
import type { RoomFrame } from '../../utils/connection/frame-duties'
import { ROOM_FRAMES } from '../../utils/connection/frame-duties'
import { httpWorks, isFull } from '../../utils/connection/http-wire'
import { whoIsHere } from '../../utils/app/learn-session'
import type { NetworkSimulation } from '../../utils/connection/network-simulation'
import type { OutboxStorage } from '../../utils/outbox/outbox-storage'
import { memoryOutbox } from '../../utils/outbox/outbox-storage'
import type { KeyValue } from '../../utils/app/storage'
import type { RoomChannel } from '../../utils/room/room-channel'
import type { TabChannel } from '../../utils/app/tab-channel'
import { createTabChannel } from '../../utils/app/tab-channel'
import type { TransportChoice } from '../../utils/connection/transport-choice'
import { useAway } from '../connection/useAway'
import { useChatConnection } from '../connection/useChatConnection'
import { createChatLines } from '../connection/useChatLines'
import { useCrowded } from '../connection/useCrowded'
import type { UseDoorsReturn } from './useDoors'
import { useDoors } from './useDoors'
import type { ChatConnection } from '../../utils/connection/chat-connection'
import type { UseOutboxReturn } from '../outbox/useOutbox'
import { useOutbox } from '../outbox/useOutbox'
import type { UseRoomSyncReturn } from './useRoomSync'
import { useRoomSync } from './useRoomSync'
import { useRenewal } from '../app/useRenewal'
import { useSharedSession } from '../app/useSharedSession'
import type { UseTransportChoiceReturn } from '../connection/useTransportChoice'
import { useTransportChoice } from '../connection/useTransportChoice'

export interface UseChatOptions {
  api: Api
  /** Where the server is, without a path. */
  origin: string
  /** This tab's peer key (CON-8), once it is known to be ours alone. */
  peerKey: () => Promise<string>
  /** Where messages that wait are kept. @default memory */
  storage?: OutboxStorage
  /** The other tabs of this browser profile. @default none */
  tabs?: TabChannel
  /** How the tabs read together (TAB-4), and what one may do that has no channel to the others. @default this tab reads alone */
  together?: Pick<CarriageOptions, 'channel' | 'place'>
  /** What only one tab may do at a time. @default this tab is on its own */
  exclusive?: Exclusive
  /** Kept in this browser. */
  settings: KeyValue
  /** The transport the address asks for (FLAG-1). */
  query?: TransportChoice
  simulation: NetworkSimulation
}

export interface Chat {
  readonly api: Api
  readonly socket: ChatConnection
  /** What may carry the connection, and a tester's say in it. */
  readonly transport: UseTransportChoiceReturn
  /** A bad network on demand. */
  readonly simulation: NetworkSimulation
  readonly outbox: UseOutboxReturn
  readonly tabs: TabChannel
  /** Knocking at locked rooms, and letting in. */
  readonly doors: UseDoorsReturn
  /** Enters a room and stays in it through reconnects. Connects when needed. */
  enter: (room: string) => void
  /** Leaves a room; the last one closes the connection. */
  exit: (room: string) => void
  /** Connects anew at once, after a final close or a change of identity. */
  reconnect: () => Promise<void>
  /** Loads older messages of a room that was entered. */
  loadOlder: (room: string) => Promise<void>
  /** What a call needs of a room that was entered. */
  channel: (room: string) => RoomChannel
}

/** How often a page without a connection asks for the server's flag, in milliseconds. */
const FLAG_EVERY_MS = 25_000
/** Refused again this soon after a session was found good, it is not. */
const RANOUT_PAUSE_MS = 10_000

/** The one place where frames become state: a connection, one cursor per room, the outbox, and the stores they feed. */
export function createChat(options: UseChatOptions): Chat {
  const { api, simulation, storage = memoryOutbox(), tabs = createTabChannel(), exclusive = (_, task) => task() } = options
  const session = useSessionStore()
  const connection = useConnectionStore()
  const rooms = useRoomsStore()
  const outboxStore = useOutboxStore()
  const syncs = new Map<string, UseRoomSyncReturn>()
  let peerKey: string | undefined
  /** Whose connection it is. */
  let userId: string | undefined
  const away = useAway()

  const stats = useTransportStore()
  const transport = useTransportChoice({ ask: api.transport, flag: connection.flag, query: options.query, storage: options.settings })
  const access = { origin: options.origin, peerKey: () => peerKey }
  const probe = { ...access, fetch: simulation.request((...args: Parameters<typeof fetch>) => fetch(...args)) }
  const socket = useChatConnection({
    createLine: createChatLines({ ...access, wrap: simulation.wrap, together: options.together && { ...options.together, tab: tabs.id, gone: tabs.gone } }),
    chosen: transport.chosen,
    httpWorks: () => httpWorks(probe),
    takesNews: room => syncs.get(room)?.takesNews() ?? false,
    monitor: {
      ...stats.monitor,
      switched(change) {
        const { from, to, why } = change
        stats.monitor.switched(change)
        if (from) connection.switched({ from, to, why }, Date.now())
      },
    },
  })
  const outbox = useOutbox({
    socket, store: outboxStore, storage, tabs, exclusive,
    isReady: room => socket.isConnected.value && userId === session.user?.id && (syncs.get(room)?.isJoined.value ?? false),
    last: room => syncs.get(room)?.last() ?? 0,
    onRefused: outboxStore.turnedDown,
    find: (room, id) => rooms.view(room)?.messages.find(message => message.client_msg_id === id && message.userId === session.user?.id),
  })

  const doors = useDoors({ socket, join: room => syncs.get(room)?.join() })

  socket.on('connection.established', (frame) => {
    userId = frame.user.id
    session.signedIn(frame.user)
    connection.established({ peerId: frame.peer_id, transport: frame.transport })
    // A room that is still followed over another line only moves.
    for (const sync of syncs.values()) sync.join(sync.isJoined.value)
    if (away.value) socket.send({ type: 'presence', status: 'away' })
    doors.renew()
    // After the joins, so that they find their rooms joined: one connection's frames are handled in order (FRM-6).
    socket.flush()
  })
  for (const type of ROOM_FRAMES) {
    socket.on(type, (frame: RoomFrame) => {
      if (frame.room) syncs.get(frame.room)?.handle(frame)
    })
  }
  watch(socket.status, (status) => {
    connection.changed(status, { at: Date.now(), error: socket.error.value, retryAt: socket.retryAt.value })
    if (status !== 'connected') syncs.forEach(sync => sync.away())
    if (status === 'closed' && socket.error.value?.code === CLOSE.unauthorized) void sessionOver()
  }, { flush: 'sync' })
  useCrowded({ status: socket.status, error: socket.error, isFull: () => isFull(probe), onChange: connection.crowded })
  watch(() => session.user?.id, outbox.open, { immediate: true, flush: 'sync' })
  watch(socket.latency, connection.measured)
  watch(socket.quietSince, connection.quiet, { flush: 'sync' })
  socket.on('transport.flag', frame => transport.flagged(frame.transport))
  watch([transport.chosen, socket.isFallback, socket.transport], ([{ choice, by }, isFallback]) => connection.decided({ choice, by, isFallback }), { immediate: true })
  // A flag that changed while nobody could tell this page.
  watch(socket.isConnected, isConnected => isConnected && connection.wasConnected && void transport.refresh())
  useIntervalFn(() => socket.status.value !== 'idle' && !socket.isConnected.value && void transport.refresh(), FLAG_EVERY_MS)
  watch(away, gone => socket.send({ type: 'presence', status: gone ? 'away' : 'online' }))

  async function connect() {
    [peerKey] = await Promise.all([options.peerKey(), transport.ready()])
    if (syncs.size > 0) socket.connect()
  }

  async function reconnect() {
    socket.disconnect()
    await connect()
  }
  let askedAt = -Infinity
  /** The server takes the connection for nobody's: its session ran out, or only the token it came with. */
  async function sessionOver() {
    const id = session.user?.id
    const isNew = Date.now() - askedAt > RANOUT_PAUSE_MS
    askedAt = Date.now()
    const here = isNew ? await whoIsHere(api).catch(() => undefined) : null
    if (session.user?.id !== id) return
    if (here === null) return session.ranOut()
    if (here) session.signedIn(here)
    await reconnect()
  }
  useRenewal({ session, api })
  useSharedSession({ session, api, tabs, onOther: () => void reconnect() })

  return {
    api, socket, outbox, tabs, doors, transport, simulation,
    enter(room) {
      if (syncs.has(room)) return
      const sync = useRoomSync({
        room, socket, store: rooms, api,
        userId: () => session.user?.id,
        onApplied: (entries, last) => outbox.applied(room, entries, last),
        onJoined: () => outbox.pump(room),
        onCount: what => stats.counted(socket.transport.value ?? 'websocket', what),
      })
      syncs.set(room, sync)
      rooms.joining(room)
      if (socket.isConnected.value) sync.join()
      else void connect()
    },
    exit(room) {
      const sync = syncs.get(room)
      if (!sync) return
      sync.stop()
      syncs.delete(room)
      doors.leave(room)
      socket.send({ type: 'leave', room })
      rooms.left(room)
      if (syncs.size === 0) socket.disconnect()
    },
    reconnect,
    loadOlder: room => syncs.get(room)?.loadOlder() ?? Promise.resolve(),
    channel: room => ({
      room,
      peerId: computed(() => connection.peerId),
      isConnected: computed(() => socket.isConnected.value && (rooms.view(room)?.phase === 'joined')),
      members: computed(() => rooms.view(room)?.members ?? []),
      send: socket.send,
      request: socket.request,
      on: (type, handler) => socket.on(type, (frame) => {
        if ('room' in frame && frame.room === room) handler(frame)
      }),
    }),
  }
}

/** This tab's one chat, made by `startChat`. Only in the browser. */
export function useChat(): Chat {
  return useNuxtApp().$chat as Chat
}
