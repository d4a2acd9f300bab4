import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { ConnectionMonitor } from '../utils/connection/connection-monitor'
import { BEST_FIRST } from '../utils/connection/transport-choice'
import type { TransportName } from '../utils/connection/wire'

/** What one transport carried in this page, and how well. */
export interface TransportCounters {
  framesIn: number
  framesOut: number
  /** Characters of JSON: bytes, but for letters beyond ASCII. */
  charsIn: number
  charsOut: number
  gaps: number
  resumes: number
  duplicates: number
  /** How often it took over the connection. */
  switches: number
  /** Of the newest answers, in milliseconds. */
  latency: { samples: number, p50?: number, p95?: number }
}

const SAMPLES_KEPT = 256

/** The counters of each transport, and their panel. The counters are not reactive, because they move with every frame: who shows them asks for a snapshot. */
export const useTransportStore = defineStore('transport', () => {
  const counters = new Map(BEST_FIRST.map(name => [name, { framesIn: 0, framesOut: 0, charsIn: 0, charsOut: 0, gaps: 0, resumes: 0, duplicates: 0, switches: 0, times: [] as number[] }]))
  /** Whether the testers' panel is shown. */
  const panel = ref(false)
  /** Whether it was in this page before. */
  const wasShown = ref(false)
  const of = (transport: TransportName) => counters.get(transport)!

  const monitor: ConnectionMonitor = {
    received(transport, chars) {
      of(transport).framesIn++
      of(transport).charsIn += chars
    },
    sent(transport, chars) {
      of(transport).framesOut++
      of(transport).charsOut += chars
    },
    answered(transport, ms) {
      const { times } = of(transport)
      times.push(ms)
      if (times.length > SAMPLES_KEPT) times.shift()
    },
    switched({ from, to }) {
      if (from) of(to).switches++
    },
  }

  /** A room's cursor met something worth counting. */
  function counted(transport: TransportName, what: 'gaps' | 'resumes' | 'duplicates') {
    of(transport)[what]++
  }

  /** All counters as they are now. */
  function snapshot(): Record<TransportName, TransportCounters> {
    const entries = [...counters].map(([name, { times, ...rest }]) => {
      const sorted = [...times].sort((a, b) => a - b)
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
      return [name, { ...rest, latency: { samples: sorted.length, p50: at(0.5), p95: at(0.95) } }]
    })
    return Object.fromEntries(entries) as Record<TransportName, TransportCounters>
  }

  /** Shows the testers' panel, or puts it away. */
  function showPanel(shown: boolean) {
    panel.value = shown
    if (shown) wasShown.value = true
  }

  return { panel, wasShown, showPanel, monitor, counted, snapshot }
})
