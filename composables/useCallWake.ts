import { useWakeLock } from '@vueuse/core'
import { onScopeDispose, watch } from 'vue'

/**
 * Keeps the screen on in a call. Browsers take the lock back from a hidden page; it is asked for again when the page is seen.
 *
 * @param isWanted whether there is a call
 */
export function useCallWake(isWanted: () => boolean): void {
  const { request, release } = useWakeLock()
  watch(isWanted, (wanted) => {
    // Refused with an empty battery, for example: the call goes on all the same.
    const done = wanted ? request('screen') : release()
    done.catch(() => undefined)
  }, { immediate: true })
  onScopeDispose(() => {
    release().catch(() => undefined)
  })
}
