import { onScopeDispose } from 'vue'
import type { Ref } from 'vue'
import type { Confirm, Question } from './useConfirm'

/**
 * Asks before going to another page of the app ends something. Another place of the same page does not end it.
 *
 * @param active whether there is something to end
 * @param confirm asks; the navigation waits for the answer
 * @param question what is asked
 */
export function useLeaveGuard(active: Readonly<Ref<boolean>>, confirm: Confirm, question: Question): void {
  const stop = useRouter().beforeEach((to, from) => {
    if (!active.value || to.path === from.path) return true
    return confirm(question)
  })
  onScopeDispose(stop)
}
