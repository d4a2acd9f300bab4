import { useEventListener } from '@vueuse/core'
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { isTyping } from '~/utils/call/shortcuts'

export interface UsePushToTalkOptions {
  /** Whether the microphone is not wanted, so that holding the key unmutes it. */
  isMuted: () => boolean
  setMic: (on: boolean) => void
}

export interface UsePushToTalkReturn {
  /** Whether the key is held and the microphone open because of it. */
  isTalking: Readonly<ShallowRef<boolean>>
}

/**
 * Opens the muted microphone while Space is held. A control that was reached by keyboard keeps its Space, and so does
 * every field one writes in.
 */
export function usePushToTalk(options: UsePushToTalkOptions): UsePushToTalkReturn {
  const isTalking = shallowRef(false)

  function isTaken(target: EventTarget | null): boolean {
    if (isTyping(target)) return true
    if (!(target instanceof HTMLElement)) return false
    if (target.closest('[role=dialog], [role=alertdialog]')) return true
    return target.matches('button, a, summary, [role], input') && target.matches(':focus-visible')
  }

  function release() {
    if (!isTalking.value) return
    isTalking.value = false
    options.setMic(false)
  }

  useEventListener('keydown', (event) => {
    if (event.code !== 'Space' || event.ctrlKey || event.metaKey || event.altKey) return
    if (isTalking.value) return event.preventDefault()
    if (event.repeat || isTaken(event.target) || !options.isMuted()) return
    event.preventDefault()
    isTalking.value = true
    options.setMic(true)
  })
  useEventListener('keyup', (event) => {
    if (event.code !== 'Space' || !isTalking.value) return
    // Otherwise the button last clicked would be clicked again.
    event.preventDefault()
    release()
  })
  // Muted by other means, or not to be had: letting the key go later is no wish, and neither is having pressed it.
  watch(options.isMuted, muted => muted && release(), { flush: 'sync' })
  // A key let go in another window is never heard of.
  useEventListener('blur', release)
  onScopeDispose(release)
  return { isTalking }
}
