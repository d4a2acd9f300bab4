import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { CloseReason, ConnectionStatus } from '../composables/useWebSocketChat'

/** One change of the connection, for the history a person can open (J6). */
export interface ConnectionEvent { at: number, status: ConnectionStatus, code?: number, reason?: string }

const HISTORY_KEPT = 50

/** The state of this tab's connection, as people see it. */
export const useConnectionStore = defineStore('connection', () => {
  const status = ref<ConnectionStatus>('idle')
  const since = ref<number>()
  const retryAt = ref<number>()
  const latency = ref<number>()
  const peerId = ref<string>()
  const transport = ref<string>('websocket')
  const error = shallowRef<CloseReason>()
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
    history.value = [...history.value, { at: details.at, status: next, code: details.error?.code, reason: details.error?.reason }].slice(-HISTORY_KEPT)
  }

  /** The server greeted this tab (CON-3). */
  function established(details: { peerId: string, transport: string }) {
    peerId.value = details.peerId
    transport.value = details.transport
  }

  /** A ping came back after `ms` milliseconds. */
  function measured(ms: number | undefined) {
    latency.value = ms
  }

  return { status, since, retryAt, latency, peerId, transport, error, history, isConnected, wasConnected, changed, established, measured }
})
