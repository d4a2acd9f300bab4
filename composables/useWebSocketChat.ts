import { useEventListener, useWebSocket } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, onScopeDispose, readonly, shallowRef } from 'vue'
import type { ClientFrame, ServerFrame, ServerFrameOf, ServerFrameType } from '#shared/protocol/frames'
import { FINAL_CLOSE_CODES, LIMITS } from '#shared/protocol/limits'
import { createBackoff } from '../utils/backoff'
import type { Ack } from '../utils/requests'
import { createRequests } from '../utils/requests'

/** `waiting` is the pause before the next try; `closed` is final until {@link UseWebSocketChatReturn.connect}. */
export type ConnectionStatus = 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed'

/** Why a connection ended. */
export interface CloseReason { code: number, reason: string, final: boolean }

export interface UseWebSocketChatOptions {
  /** The address to open, asked anew for each try. */
  url: () => string
  /** How many requests may wait for a connection or an answer. @default 256 */
  queueLimit?: number
  /** How long a socket may take from opening to `connection.established`, in milliseconds. @default 12000 */
  connectMs?: number
  /** How long a `pong` may take, in milliseconds. @default 10000 */
  pongMs?: number
  /** Source of randomness in [0, 1). @default Math.random */
  random?: () => number
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
}

export interface UseWebSocketChatReturn {
  status: Readonly<Ref<ConnectionStatus>>
  /** True from `connection.established` until the connection is lost. */
  isConnected: Readonly<Ref<boolean>>
  /** Why the last connection ended; undefined while all is well. */
  error: Readonly<Ref<CloseReason | undefined>>
  /** Round trip of the last ping, in milliseconds. */
  latency: Readonly<Ref<number | undefined>>
  /** When the next try starts, in the clock's milliseconds, while `waiting`. */
  retryAt: Readonly<Ref<number | undefined>>
  /** Connects and stays connected. Does nothing while it already does. */
  connect: () => void
  /** Closes for good. */
  disconnect: () => void
  /** Sends a frame now, without asking for a reply. Returns false, and keeps nothing, when not connected. */
  send: (frame: ClientFrame) => boolean
  /** Sends a frame, or keeps it until connected, and settles with its `ack` or a `ChatError`. */
  request: (frame: ClientFrame) => Promise<Ack>
  /** Sends the requests kept while away. The owner calls it once its rooms are joined again. */
  flush: () => void
  /** Listens for one frame type; `on` returns the function that stops it. */
  on: <T extends ServerFrameType>(type: T, handler: (frame: ServerFrameOf<T>) => void) => () => void
  off: <T extends ServerFrameType>(type: T, handler: (frame: ServerFrameOf<T>) => void) => void
}

type Handler = (frame: ServerFrame) => void

/**
 * One typed connection to the server that comes back by itself (CON-4, CON-5). VueUse owns the socket; retries are ours,
 * because it knows neither jitter nor final close codes.
 */
export function useWebSocketChat(options: UseWebSocketChatOptions): UseWebSocketChatReturn {
  const { url, queueLimit, connectMs = 12_000, pongMs = 10_000, random, now = Date.now } = options
  const status = shallowRef<ConnectionStatus>('idle')
  const error = shallowRef<CloseReason>()
  const latency = shallowRef<number>()
  const retryAt = shallowRef<number>()
  const handlers = new Map<ServerFrameType, Set<Handler>>()
  const backoff = createBackoff({ random, now })
  const address = shallowRef<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let pinger: ReturnType<typeof setTimeout> | undefined
  let pongTimer: ReturnType<typeof setTimeout> | undefined
  let pingedAt: number | undefined
  let heartbeatMs: number = LIMITS.heartbeatMs
  let closingMs = 0

  const socket = useWebSocket(address, {
    immediate: false,
    autoConnect: false,
    autoClose: false,
    autoReconnect: false,
    onMessage: (ws, event) => {
      // A superseded socket can still deliver what it had.
      if (ws === socket.ws.value && typeof event.data === 'string') receive(event.data)
    },
    onDisconnected: (ws, event) => {
      if (ws === socket.ws.value) lost(event.code, event.reason)
    },
  })
  const requests = createRequests({ transmit: send, limit: queueLimit })
  const isConnected = computed(() => status.value === 'connected')

  function open() {
    stopTimers()
    status.value = 'connecting'
    retryAt.value = undefined
    address.value = url()
    socket.open()
    timer = setTimeout(() => lost(4408, 'timeout'), connectMs)
  }

  function receive(text: string) {
    let frame: ServerFrame
    try {
      frame = JSON.parse(text) as ServerFrame
    } catch {
      return
    }
    if (frame.type === 'connection.established') established(frame)
    if (frame.type === 'pong') ponged(frame)
    if (frame.type === 'server.closing') closingMs = frame.retry_in_ms
    if ((frame.type === 'ack' || frame.type === 'error') && requests.reply(frame)) return
    for (const handler of [...handlers.get(frame.type) ?? []]) handler(frame)
  }

  function established(frame: ServerFrameOf<'connection.established'>) {
    clearTimeout(timer)
    heartbeatMs = Math.min(frame.heartbeat_ms || LIMITS.heartbeatMs, LIMITS.heartbeatMs)
    closingMs = 0
    status.value = 'connected'
    error.value = undefined
    backoff.opened()
    ping(pongMs)
  }

  /** Pings, and takes silence for a dead connection: a half-open one reports nothing by itself. */
  function ping(patienceMs: number) {
    clearTimeout(pinger)
    clearTimeout(pongTimer)
    pingedAt = now()
    send({ type: 'ping', t: pingedAt })
    pongTimer = setTimeout(() => lost(4408, 'silent'), patienceMs)
    pinger = setTimeout(ping, heartbeatMs, pongMs)
  }

  function ponged(frame: ServerFrameOf<'pong'>) {
    if (frame.t !== pingedAt || pingedAt === undefined) return
    clearTimeout(pongTimer)
    latency.value = Math.max(0, now() - pingedAt)
  }

  function lost(code: number, reason: string) {
    stopTimers()
    socket.close()
    backoff.closed()
    latency.value = undefined
    const final = FINAL_CLOSE_CODES.includes(code)
    error.value = { code, reason, final }
    if (final) {
      status.value = 'closed'
    } else {
      const delay = Math.max(backoff.next(), closingMs)
      closingMs = 0
      status.value = 'waiting'
      retryAt.value = now() + delay
      timer = setTimeout(open, delay)
    }
    requests.cut()
  }

  /** The network or the person came back: no reason to sit out a delay, or to trust a socket that slept. */
  function wake() {
    if (status.value === 'waiting') open()
    else if (status.value === 'connected') ping(Math.min(pongMs, 4_000))
  }

  function stopTimers() {
    clearTimeout(timer)
    clearTimeout(pinger)
    clearTimeout(pongTimer)
  }

  function send(frame: ClientFrame): boolean {
    return status.value === 'connected' && socket.send(JSON.stringify(frame), false)
  }

  function disconnect() {
    stopTimers()
    socket.close()
    status.value = 'idle'
    retryAt.value = undefined
    latency.value = undefined
    requests.cut()
  }

  function off<T extends ServerFrameType>(type: T, handler: (frame: ServerFrameOf<T>) => void) {
    handlers.get(type)?.delete(handler as Handler)
  }

  if (typeof window !== 'undefined') {
    useEventListener(window, 'online', wake)
    useEventListener(window, 'offline', () => status.value === 'connected' && ping(4_000))
    useEventListener(document, 'visibilitychange', () => document.visibilityState === 'visible' && wake())
  }
  onScopeDispose(disconnect, true)

  return {
    status: readonly(status),
    isConnected,
    error: readonly(error),
    latency: readonly(latency),
    retryAt: readonly(retryAt),
    connect: () => {
      if (status.value === 'idle' || status.value === 'closed') open()
    },
    disconnect,
    send,
    request: requests.request,
    flush: requests.flush,
    on(type, handler) {
      const set = handlers.get(type) ?? new Set<Handler>()
      handlers.set(type, set.add(handler as Handler))
      return () => off(type, handler)
    },
    off,
  }
}
