import { onScopeDispose } from 'vue'

/** What `GET /api/ice-servers` answers (RTC-3). */
interface IceServersReply {
  iceServers: RTCIceServer[]
  ttl_s: number
}

export interface UseIceServersReturn {
  /** The newest servers; empty until they are loaded, which leaves the local network. */
  current: () => RTCIceServer[]
  /** Loads them now and again before they expire. Resolves also when the server gave none. */
  load: () => Promise<void>
}

const RETRY_MS = 5_000
/** The share of their life after which credentials are renewed. */
const RENEW_AT = 0.8
const LONGEST_MS = 24 * 3600 * 1000

/** STUN and TURN servers with credentials that are renewed before they expire. */
export function useIceServers(): UseIceServersReturn {
  let servers: RTCIceServer[] = []
  let timer: ReturnType<typeof setTimeout> | undefined
  let disposed = false
  let loading: Promise<void> | undefined

  /** One request at a time, however many wait for it. */
  function load(): Promise<void> {
    loading ??= request().finally(() => {
      loading = undefined
    })
    return loading
  }

  async function request() {
    clearTimeout(timer)
    let delay = RETRY_MS
    try {
      const reply = await $fetch<IceServersReply>('/api/ice-servers', { timeout: 4_000, retry: 0 })
      servers = reply.iceServers
      delay = Math.min(LONGEST_MS, Math.max(RETRY_MS, reply.ttl_s * 1000 * RENEW_AT))
    } catch {
      // The servers from before may still be good, and without any the local network works.
    }
    if (!disposed) timer = setTimeout(load, delay)
  }

  onScopeDispose(() => {
    disposed = true
    clearTimeout(timer)
  })
  return { current: () => servers, load }
}
