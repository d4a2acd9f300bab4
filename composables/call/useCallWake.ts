import { useWakeLock } from '@vueuse/core'
import { onScopeDispose, watch } from 'vue'

/**
 * Keeps the screen on in a call. Browsers take the lock back from a hidden page; it is asked for again when the page is seen.
 *
 * @param isWanted whether there is a call
 */
export function useCallWake(isWanted: () => boolean): void {
  const { request, release } = useWakeLock()
  // One after the other: a lock that comes after the call is over would hold for ever.
  let turn: Promise<unknown> = Promise.resolve()
  // Refused with an empty battery, for example: the call goes on all the same.
  const then = (step: () => Promise<void>) => turn = turn.then(step).catch(() => undefined)
  watch(isWanted, wanted => void then(wanted ? () => request('screen') : release), { immediate: true })
  onScopeDispose(() => void then(release))
}
