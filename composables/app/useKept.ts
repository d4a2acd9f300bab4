import { useStorage } from '@vueuse/core'
import type { RemovableRef } from '@vueuse/core'
import { safeStorage } from '../../utils/app/storage'

/**
 * A setting kept in this browser over visits; where it keeps nothing, for as long as the page is open. Storage a browser
 * forbids throws when it is only named, which VueUse's own `useLocalStorage` does before anything could catch it.
 */
export function useKept<T>(key: string, initial: T): RemovableRef<T> {
  return useStorage<T>(key, initial, safeStorage('local'))
}
