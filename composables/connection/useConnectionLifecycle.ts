import { useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, onScopeDispose, readonly, shallowRef } from 'vue'
import type { ClientFrame, ServerFrame, ServerFrameOf } from '#shared/protocol/frames'
import { FINAL_CLOSE_CODES, LIMITS } from '#shared/protocol/limits'
import { createBackoff } from '../../utils/connection/backoff'
import type { OpenWire, Wire, WireEnd } from '../../utils/connection/wire'
import { learnServerTime } from '../../utils/connection/server-clock'

/** `waiting` is the pause before the next try; `closed` is final until {@link LineState.connect}. */
export type ConnectionStatus = 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed'

/** Why a connection ended. */
export interface CloseReason { code: number, reason: string, final: boolean }

export interface LifecycleOptions {
  /** How long a try may take from its start to `connection.established`, in milliseconds. @default 12000 */
  connectMs?: number
  /** How long a `pong` may take, in milliseconds. @default 10000 */
  pongMs?: number
  /** Source of randomness in [0, 1). @default Math.random */
  random?: () => number
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
  /** Puts something between the connection and its wire, such as a bad network. */
  wrap?: (open: OpenWire) => OpenWire
  /** Given every frame that came, after the line itself acted on it. */
  onFrame?: (frame: ServerFrame, chars: number) => void
  /** Told of every frame that was sent. */
  onSent?: (frame: ClientFrame, chars: number) => void
}

/** How a connection to the server does, whatever carries it. */
export interface LineState {
  status: Readonly<Ref<ConnectionStatus>>
  /** True from `connection.established` until the connection is lost. */
  isConnected: Readonly<Ref<boolean>>
  /** Why the last connection ended; undefined while all is well. */
  error: Readonly<Ref<CloseReason | undefined>>
  /** Round trip of the last ping, in milliseconds. */
  latency: Readonly<Ref<number | undefined>>
  /** Since when nothing came though an answer is due, in the clock's milliseconds; undefined while nothing is late. */
  quietSince: Readonly<Ref<number | undefined>>
  /** When the next try starts, in the clock's milliseconds, while `waiting`. */
  retryAt: Readonly<Ref<number | undefined>>
  /** Connects and stays connected. Does nothing while it already does. */
  connect: () => void
  /** Closes for good. */
  disconnect: () => void
  /** Sends a frame now, without asking for a reply. Returns false, and keeps nothing, when not connected. */
  send: (frame: ClientFrame) => boolean
}

/** A connection over one transport, as its transport's composable gives it. */
export interface ChatLine extends LineState {
  /** Tries now instead of after the delay it waits for. */
  retry: () => void
  /** How much was handed to the transport and is not known to have left. */
  unsent: () => number
}

/** Nothing heard for this long after something that has to be answered is doubtful, and for as long again a dead line. */
const DOUBT_MS = 5_000

/**
 * The life of a connection that comes back by itself (CON-4, CON-5), the same for every transport: tries with jitter,
 * pings, doubts, final codes. What its frames mean is for whoever is given them.
 *
 * @param openWire makes one try; the transport's part
 */
export function useConnectionLifecycle(openWire: OpenWire, options: LifecycleOptions): ChatLine {
  const { connectMs = 12_000, pongMs = 10_000, random, now = Date.now, onFrame, onSent } = options
  const status = shallowRef<ConnectionStatus>('idle')
  const error = shallowRef<CloseReason>()
  const latency = shallowRef<number>()
  const quietSince = shallowRef<number>()
  const retryAt = shallowRef<number>()
  const backoff = createBackoff({ random, now })
  const isConnected = computed(() => status.value === 'connected')
  const openThis = options.wrap?.(openWire) ?? openWire
  let wire: Wire | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let pinger: ReturnType<typeof setTimeout> | undefined
  let pongTimer: ReturnType<typeof setTimeout> | undefined
  let pingedAt: number | undefined
  let doubter: ReturnType<typeof setTimeout> | undefined
  let heardAt = 0
  let askedAt = 0
  let heartbeatMs: number = LIMITS.heartbeatMs
  let closingMs = 0

  function open() {
    hangUp()
    status.value = 'connecting'
    retryAt.value = undefined
    timer = setTimeout(() => lost({ code: 4408, reason: 'timeout' }), connectMs)
    wire = openThis({ frame: receive, closed: lost })
  }

  function receive(frame: ServerFrame, chars: number) {
    heard()
    if (frame.type === 'connection.established') established(frame)
    if (frame.type === 'pong') ponged(frame)
    if (frame.type === 'server.closing') closingMs = frame.retry_in_ms
    onFrame?.(frame, chars)
  }

  function established(frame: ServerFrameOf<'connection.established'>) {
    clearTimeout(timer)
    heartbeatMs = Math.min(frame.heartbeat_ms || LIMITS.heartbeatMs, LIMITS.heartbeatMs)
    closingMs = 0
    learnServerTime(frame.timestamp)
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
    pongTimer = setTimeout(() => lost({ code: 4408, reason: 'silent' }), patienceMs)
    pinger = setTimeout(ping, heartbeatMs, pongMs)
  }

  /** Whatever comes shows that the other end is there. */
  function heard() {
    heardAt = now()
    if (quietSince.value === undefined) return
    quietSince.value = undefined
    clearTimeout(pongTimer)
  }

  /** An answer is due: where nothing comes, the line is doubted, tried at once, and soon given up. */
  function expectAnswer() {
    askedAt = now()
    if (doubter === undefined) doubtAfter(askedAt)
  }

  function doubtAfter(asked: number) {
    doubter = setTimeout(() => {
      doubter = undefined
      if (status.value !== 'connected' || quietSince.value !== undefined) return
      // What came answers what was asked before it, at most.
      if (heardAt >= asked) return askedAt > heardAt ? doubtAfter(askedAt) : undefined
      quietSince.value = asked
      ping(Math.min(pongMs, DOUBT_MS))
    }, Math.max(0, asked + DOUBT_MS - now()))
  }

  function ponged(frame: ServerFrameOf<'pong'>) {
    if (frame.t !== pingedAt || pingedAt === undefined) return
    clearTimeout(pongTimer)
    latency.value = Math.max(0, now() - pingedAt)
  }

  function lost({ code, reason, retryAfterMs = 0 }: WireEnd) {
    hangUp()
    backoff.closed()
    latency.value = undefined
    const final = FINAL_CLOSE_CODES.includes(code)
    error.value = { code, reason, final }
    if (final) {
      status.value = 'closed'
    } else {
      const delay = Math.max(backoff.next(), closingMs, retryAfterMs)
      closingMs = 0
      retryAt.value = now() + delay
      timer = setTimeout(open, delay)
      status.value = 'waiting'
    }
  }

  /** The network or the person came back: no reason to sit out a delay, or to trust a line that slept. */
  function wake() {
    if (status.value === 'waiting') open()
    else if (status.value === 'connected') ping(Math.min(pongMs, 4_000))
  }

  function hangUp() {
    clearTimeout(timer)
    clearTimeout(pinger)
    clearTimeout(pongTimer)
    clearTimeout(doubter)
    doubter = undefined
    quietSince.value = undefined
    wire?.close()
    wire = undefined
  }

  function send(frame: ClientFrame): boolean {
    const text = JSON.stringify(frame)
    const sent = status.value === 'connected' && wire?.send(text) === true
    if (sent && 'id' in frame && frame.id !== undefined) expectAnswer()
    if (sent) onSent?.(frame, text.length)
    return sent
  }

  function disconnect() {
    hangUp()
    status.value = 'idle'
    retryAt.value = undefined
    latency.value = undefined
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
    quietSince: readonly(quietSince),
    retryAt: readonly(retryAt),
    connect: () => {
      if (status.value === 'idle' || status.value === 'closed') open()
    },
    disconnect,
    send,
    retry: () => {
      if (status.value === 'waiting') open()
    },
    unsent: () => wire?.unsent() ?? 0,
  }
}
