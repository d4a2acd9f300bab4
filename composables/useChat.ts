import { computed, watch } from 'vue'
import type { ServerFrame, ServerFrameType } from '#shared/protocol/frames'
import { useNuxtApp } from '#imports'
import { useConnectionStore } from '../stores/connection'
import { useOutboxStore } from '../stores/outbox'
import { useRoomsStore } from '../stores/rooms'
import { useSessionStore } from '../stores/session'
import type { Api } from '../utils/api'
import type { KeyValue } from '../utils/storage'
import type { RoomChannel } from '../utils/room-channel'
import { useAway } from './useAway'
import type { UseOutboxReturn } from './useOutbox'
import { useOutbox } from './useOutbox'
import type { UseRoomSyncReturn } from './useRoomSync'
import { useRoomSync } from './useRoomSync'
import type { UseWebSocketChatReturn } from './useWebSocketChat'
import { useWebSocketChat } from './useWebSocketChat'

export interface UseChatOptions {
  api: Api
  /** Where to connect, without the peer key. */
  url: string
  /** This tab's peer key (CON-8), once it is known to be ours alone. */
  peerKey: () => Promise<string>
  /** Kept through reloads of this tab. */
  storage: KeyValue
}

export interface Chat {
  readonly api: Api
  readonly socket: UseWebSocketChatReturn
  readonly outbox: UseOutboxReturn
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

const ROOM_FRAMES: readonly ServerFrameType[] = [
  'room.state', 'room.reset', 'replay.end', 'message.new', 'message.replay', 'message.edited', 'message.deleted', 'reaction',
  'clear', 'bot-toggle', 'room.updated', 'presence', 'typing', 'error',
]

/** The one place where frames become state: a socket, one cursor per room, the outbox, and the stores they feed. */
export function createChat(options: UseChatOptions): Chat {
  const { api, storage } = options
  const session = useSessionStore()
  const connection = useConnectionStore()
  const rooms = useRoomsStore()
  const outboxStore = useOutboxStore()
  const syncs = new Map<string, UseRoomSyncReturn>()
  let address = options.url
  const away = useAway()

  const socket = useWebSocketChat({ url: () => address })
  const outbox = useOutbox({
    socket, store: outboxStore, storage,
    isReady: room => socket.isConnected.value && (syncs.get(room)?.isJoined.value ?? false),
    last: room => syncs.get(room)?.last() ?? 0,
  })

  socket.on('connection.established', (frame) => {
    session.signedIn(frame.user)
    connection.established({ peerId: frame.peer_id, transport: frame.transport })
    outbox.restore(frame.user.id)
    for (const sync of syncs.values()) sync.join()
    if (away.value) socket.send({ type: 'presence', status: 'away' })
    // After the joins, so that they find their rooms joined: one connection's frames are handled in order (FRM-6).
    socket.flush()
  })
  for (const type of ROOM_FRAMES) {
    socket.on(type, (frame: ServerFrame) => {
      if ('room' in frame && frame.room) syncs.get(frame.room)?.handle(frame)
    })
  }
  watch(socket.status, (status) => {
    connection.changed(status, { at: Date.now(), error: socket.error.value, retryAt: socket.retryAt.value })
    if (status !== 'connected') syncs.forEach(sync => sync.away())
    if (status === 'closed' && socket.error.value?.code === 4401) session.signedOut()
  }, { flush: 'sync' })
  watch(socket.latency, connection.measured)
  watch(away, gone => socket.send({ type: 'presence', status: gone ? 'away' : 'online' }))

  async function connect() {
    const key = await options.peerKey()
    address = `${options.url}?peer_key=${encodeURIComponent(key)}`
    if (syncs.size > 0) socket.connect()
  }

  return {
    api, socket, outbox,
    enter(room) {
      if (syncs.has(room)) return
      const sync = useRoomSync({
        room, socket, store: rooms, api,
        userId: () => session.user?.id,
        onApplied: (entries, last) => outboxStore.settled(room, session.user?.id, entries, last),
        onJoined: () => outbox.pump(room),
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
      socket.send({ type: 'leave', room })
      rooms.left(room)
      if (syncs.size === 0) socket.disconnect()
    },
    async reconnect() {
      socket.disconnect()
      await connect()
    },
    loadOlder: room => syncs.get(room)?.loadOlder() ?? Promise.resolve(),
    channel: room => ({
      room,
      peerId: computed(() => connection.peerId),
      isConnected: computed(() => socket.isConnected.value && (rooms.view(room)?.phase === 'joined')),
      members: computed(() => rooms.view(room)?.members ?? []),
      send: socket.send,
      on: (type, handler) => socket.on(type, (frame) => {
        if ('room' in frame && frame.room === room) handler(frame)
      }),
    }),
  }
}

/** This tab's one chat, made by the client plugin. Only in the browser. */
export function useChat(): Chat {
  return useNuxtApp().$chat as Chat
}
