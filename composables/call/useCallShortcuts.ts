import { useEventListener } from '@vueuse/core'
import { isTyping, shortcutFor } from '~/utils/call/shortcuts'
import type { CallShortcut } from '~/utils/call/shortcuts'

export interface UseCallShortcutsOptions {
  /** Whether shortcuts apply now. */
  isActive: () => boolean
  on: Record<CallShortcut, () => void>
  /** Esc. Returns whether there was something to close, so that the key goes no further. */
  onEscape: () => boolean
}

/** Single-key shortcuts of the call; never while writing, nor in a dialog or menu. */
export function useCallShortcuts(options: UseCallShortcutsOptions): void {
  useEventListener('keydown', (event) => {
    if (!options.isActive() || event.defaultPrevented || event.repeat) return
    if (event.key === 'Escape') {
      if (options.onEscape()) event.preventDefault()
      return
    }
    if (isTyping(event.target)) return
    if (event.target instanceof HTMLElement && event.target.closest('[role=menu], [role=listbox], [role=dialog], [role=alertdialog]')) return
    const shortcut = shortcutFor(event)
    if (!shortcut) return
    event.preventDefault()
    options.on[shortcut]()
  })
}
