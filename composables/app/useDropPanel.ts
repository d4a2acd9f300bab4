import { onClickOutside, useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import { ref } from 'vue'

export interface UseDropPanelReturn {
  open: Ref<boolean>
  toggle: () => void
  /** Closes; with `refocus`, the button that opened it has the focus again. */
  close: (refocus?: boolean) => void
}

/**
 * A small panel beside its button: Esc and a press elsewhere close it, and the focus goes back.
 *
 * @param root the element around button and panel
 */
export function useDropPanel(root: Ref<HTMLElement | null>): UseDropPanelReturn {
  const open = ref(false)

  function close(refocus = false) {
    if (!open.value) return
    open.value = false
    if (refocus) root.value?.querySelector<HTMLElement>('[aria-expanded]')?.focus()
  }

  onClickOutside(root, () => close())
  useEventListener(root, 'keydown', (event) => {
    if (event.key !== 'Escape' || !open.value) return
    event.stopPropagation()
    close(true)
  })
  useEventListener(root, 'focusout', (event) => {
    if (event.relatedTarget instanceof Node && !root.value?.contains(event.relatedTarget)) close()
  })

  return { open, close, toggle: () => open.value = !open.value }
}
