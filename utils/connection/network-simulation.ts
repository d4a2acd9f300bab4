import type { Ref } from 'vue'
import { readonly, shallowRef } from 'vue'
import type { OpenWire, TransportName, WireEvents } from './wire'
import { BROKEN } from './wire'

/** What a tester may do to this page's network. */
export interface NetworkTrouble {
  /** Nothing reaches the server, and nothing comes from it. */
  offline: boolean
  /** Everything takes 1.5 s each way, more or less, and stays in order. */
  slow: boolean
  /** WebSockets are refused; everything else works. */
  blocked: boolean
}

export interface NetworkSimulation {
  trouble: Readonly<Ref<NetworkTrouble>>
  /** Changes the trouble; lines that it does not allow break at once. */
  set: (change: Partial<NetworkTrouble>) => void
  /** Puts the trouble between a line and its wire. */
  wrap: (transport: TransportName, open: OpenWire) => OpenWire
  /** Puts the trouble around a request. */
  request: <A extends unknown[], R>(ask: (...args: A) => Promise<R>) => (...args: A) => Promise<R>
}

const SLOW_MS = 1_500
const JITTER = 0.25

/** A bad network on demand: real for everything this page sends and gets, without touching the machine's own. */
export function createNetworkSimulation(random: () => number = Math.random): NetworkSimulation {
  const trouble = shallowRef<NetworkTrouble>({ offline: false, slow: false, blocked: false })
  const breakers = new Map<() => void, TransportName>()
  const forbids = (transport?: TransportName) => trouble.value.offline || (trouble.value.blocked && transport === 'websocket')
  const delay = () => trouble.value.slow ? SLOW_MS * (1 - JITTER + 2 * JITTER * random()) : 0

  /** Runs things later, each after those before it. */
  function createLane() {
    let clearAt = 0
    const timers = new Set<ReturnType<typeof setTimeout>>()
    return {
      run(action: () => void) {
        const now = performance.now()
        const at = Math.max(clearAt, now + delay())
        if (at <= now) return action()
        clearAt = at
        const timer = setTimeout(() => {
          timers.delete(timer)
          action()
        }, at - now)
        timers.add(timer)
      },
      waiting: () => timers.size,
      stop: () => timers.forEach(clearTimeout),
    }
  }

  function wrap(transport: TransportName, open: OpenWire): OpenWire {
    return (events: WireEvents) => {
      const up = createLane()
      const down = createLane()
      const inner = forbids(transport)
        ? undefined
        : open({
            frame: (frame, chars) => down.run(() => events.frame(frame, chars)),
            closed: end => down.run(() => over(end)),
          })
      const broken = { code: BROKEN, reason: 'simulated' }
      const stop = () => {
        breakers.delete(cut)
        up.stop()
        down.stop()
        inner?.close()
      }
      const over = (end: typeof broken) => {
        stop()
        events.closed(end)
      }
      const cut = () => over(broken)
      breakers.set(cut, transport)
      const refusal = inner ? undefined : setTimeout(cut)
      return {
        send(text) {
          if (!inner) return false
          up.run(() => inner.send(text))
          return true
        },
        unsent: () => up.waiting() + (inner?.unsent() ?? 0),
        close() {
          clearTimeout(refusal)
          stop()
        },
      }
    }
  }

  /** One way of a request through the trouble. */
  async function pass() {
    const ms = delay()
    if (ms > 0 && !forbids()) await new Promise(resolve => setTimeout(resolve, ms))
    if (forbids()) throw new TypeError('Failed to fetch')
  }

  return {
    trouble: readonly(trouble),
    wrap,
    set(change) {
      const wasOffline = trouble.value.offline
      trouble.value = { ...trouble.value, ...change }
      for (const [cut, transport] of [...breakers]) {
        if (forbids(transport)) cut()
      }
      // As a browser tells its pages.
      if (typeof window !== 'undefined' && trouble.value.offline !== wasOffline) window.dispatchEvent(new Event(wasOffline ? 'online' : 'offline'))
    },
    request: ask => async (...args) => {
      await pass()
      const answer = await ask(...args)
      await pass()
      return answer
    },
  }
}
