import { usePreferredDark } from '@vueuse/core'
import { onScopeDispose, watch } from 'vue'
import type { Ref } from 'vue'

/**
 * Makes the whole page dark, its menus and dialogs included, while something lasts. The reader's own choice of theme is
 * left as it is, and is back afterwards.
 */
export function useDarkPage(active: Readonly<Ref<boolean>>): void {
  const mode = useColorMode()
  const prefersDark = usePreferredDark()

  function restore() {
    mode.forced = false
    mode.value = mode.preference === 'system' ? prefersDark.value ? 'dark' : 'light' : mode.preference
  }

  // The module lets go of a forced theme whenever the address changes, also within the page.
  watch([active, () => mode.forced], ([now, isForced], before) => {
    if (now && !isForced) {
      mode.forced = true
      mode.value = 'dark'
    } else if (!now && before[0]) {
      restore()
    }
  }, { immediate: true })
  onScopeDispose(() => active.value && restore())
}
