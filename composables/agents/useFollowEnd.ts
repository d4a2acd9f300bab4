import { useEventListener, useResizeObserver } from '@vueuse/core'
import type { Ref } from 'vue'

const NEAR_END = 48

/**
 * Keeps the end of something that grows in view, for as long as one does not scroll away from it.
 *
 * @param frame what scrolls
 * @param content what grows in it
 */
export function useFollowEnd(frame: Ref<HTMLElement | null>, content: Ref<HTMLElement | null>): { toEnd: () => void } {
  let following = true
  let before = 0

  function settle() {
    const element = frame.value
    if (element && following) element.scrollTop = element.scrollHeight
  }

  useEventListener(frame, 'scroll', () => {
    const element = frame.value
    if (!element) return
    if (element.scrollHeight - element.clientHeight - element.scrollTop < NEAR_END) following = true
    else if (element.scrollTop < before - 1) following = false
    before = element.scrollTop
  }, { passive: true })
  useResizeObserver([frame, content], settle)

  return {
    toEnd() {
      following = true
      settle()
    },
  }
}
