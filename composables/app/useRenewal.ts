import { useEventListener } from '@vueuse/core'
import { onScopeDispose, watch } from 'vue'
import type { useSessionStore } from '../../stores/session'
import type { Api } from '../../utils/app/api'
import type { ChatError } from '../../utils/connection/chat-error'

export interface UseRenewalOptions {
  session: ReturnType<typeof useSessionStore>
  api: Pick<Api, 'renew'>
  /** The clock, in milliseconds. @default Date.now */
  now?: () => number
}

/** The page itself has just renewed a session when it was made. */
const FIRST_MS = 10_000
const AGAIN_MS = 60_000
const MOST_MS = 12 * 3_600_000

/**
 * Renews the session of a page that stays open, when a third of its life is over: nobody becomes somebody else because they
 * stayed. One that has run out is said to have.
 */
export function useRenewal({ session, api, now = Date.now }: UseRenewalOptions): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueAt = Infinity

  function plan(ms: number) {
    clearTimeout(timer)
    dueAt = now() + ms
    timer = setTimeout(renew, ms)
  }

  async function renew() {
    dueAt = Infinity
    const id = session.user?.id
    if (id === undefined) return
    try {
      const goodForMs = await api.renew()
      if (session.user?.id === id) plan(Math.min(Math.max(goodForMs / 3, 1_000), MOST_MS))
    } catch (error) {
      if (session.user?.id !== id) return
      if ((error as ChatError).code === 'unauthorized') session.ranOut()
      else plan(AGAIN_MS)
    }
  }

  watch(() => session.user?.id, (id) => {
    clearTimeout(timer)
    dueAt = Infinity
    if (id !== undefined) plan(FIRST_MS)
  }, { immediate: true })
  // Timers sleep with the machine.
  if (typeof document !== 'undefined') useEventListener(document, 'visibilitychange', () => document.visibilityState === 'visible' && now() >= dueAt && void renew())
  onScopeDispose(() => clearTimeout(timer))
}
