import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { SwitchReason } from '../utils/connection/connection-monitor'
import type { ChosenBy, TransportChoice } from '../utils/connection/transport-choice'
import type { TransportName } from '../utils/connection/wire'
import type { CloseReason, ConnectionStatus } from '../composables/connection/useConnectionLifecycle'

/** One change of the connection, for the history a person can open (J6): of its state, or of what carries it. */
export interface ConnectionEvent {
  at: number
  status: ConnectionStatus
  code?: number
  reason?: string
  switched?: TransportSwitch
}

/** What carries the connection changed, and why. */
export interface TransportSwitch { from: TransportName, to: TransportName, why: SwitchReason }

const HISTORY_KEPT = 50

/** The state of this tab's connection, as people see it. */
export const useConnectionStore = defineStore('connection', () => {
  const status = ref<ConnectionStatus>('idle')
  const since = ref<number>()
  const retryAt = ref<number>()
  const latency = ref<number>()
  /** Since when an answer is late, in milliseconds since 1970. */
  const quietSince = ref<number>()
  const peerId = ref<string>()
  const transport = ref<TransportName>('websocket')
  /** The server's flag, where the page brought it along. */
  const flag = ref<TransportChoice>()
  /** What may carry the connection and who decided it (FLAG-1), and whether something better was given up. */
  const policy = shallowRef<{ choice: TransportChoice, by: ChosenBy, isFallback: boolean }>({ choice: 'auto', by: 'flag', isFallback: false })
  const error = shallowRef<CloseReason>()
  /** Whether this tab waits for a place, because there are as many connections as may be (CON-6). */
  const isCrowded = ref(false)
  const history = shallowRef<readonly ConnectionEvent[]>([])
  const isConnected = computed(() => status.value === 'connected')
  /** Whether a connection has ever stood: before, nothing is "lost". */
  const wasConnected = computed(() => history.value.some(event => event.status === 'connected'))

  /** The connection changed. */
  function changed(next: ConnectionStatus, details: { at: number, error?: CloseReason, retryAt?: number }) {
    status.value = next
    since.value = next === 'connected' ? details.at : undefined
    error.value = details.error
    retryAt.value = details.retryAt
    if (next !== 'connected') latency.value = undefined
    note({ at: details.at, status: next, code: details.error?.code, reason: details.error?.reason })
  }

  /** What carries the connection changed. */
  function switched(change: TransportSwitch, at: number) {
    note({ at, status: status.value, switched: change })
  }

  function note(event: ConnectionEvent) {
    history.value = [...history.value, event].slice(-HISTORY_KEPT)
  }

  /** Who decides what carries the connection, and what it came to. */
  function decided(next: { choice: TransportChoice, by: ChosenBy, isFallback: boolean }) {
    policy.value = next
  }

  /** There is no place for this tab's connection, or there is one again. */
  function crowded(now: boolean) {
    isCrowded.value = now
  }

  /** The server said its flag. */
  function flagged(choice: TransportChoice) {
    flag.value = choice
  }

  /** The server greeted this tab (CON-3). */
  function established(details: { peerId: string, transport: TransportName }) {
    peerId.value = details.peerId
    transport.value = details.transport
  }

  /** A ping came back after `ms` milliseconds. */
  function measured(ms: number | undefined) {
    latency.value = ms
  }

  /** An answer is late since then, or no longer. */
  function quiet(at: number | undefined) {
    quietSince.value = at
  }

  return { quietSince, quiet, status, since, retryAt, latency, peerId, transport, flag, policy, error, isCrowded, history, isConnected, wasConnected, changed, established, measured, switched, decided, flagged, crowded }
})
