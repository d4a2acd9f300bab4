import { useIdle, useIntervalFn, watchThrottled } from '@vueuse/core'
import type { Ref } from 'vue'
import { readonly, ref, watch } from 'vue'
import { safeStorage } from '../../utils/app/storage'

export interface UseAwayOptions {
  /** Without a key, a move or a scroll for this long a person is away, in milliseconds. @default 300000 */
  afterMs?: number
}

const STORAGE_KEY = 'lastra:active-at'

/** Whether the person is away from every tab: one who writes in another tab is here. */
export function useAway({ afterMs = 300_000 }: UseAwayOptions = {}): Readonly<Ref<boolean>> {
  const storage = safeStorage('local')
  const away = ref(false)
  const { idle, lastActive } = useIdle(afterMs)

  function check() {
    away.value = idle.value && Date.now() - (Number(storage.getItem(STORAGE_KEY)) || 0) >= afterMs
  }

  watchThrottled(lastActive, at => storage.setItem(STORAGE_KEY, String(at)), { throttle: 20_000 })
  watch(idle, check)
  useIntervalFn(check, 30_000)
  return readonly(away)
}
