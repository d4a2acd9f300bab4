import { useDocumentVisibility, useThrottleFn, watchDebounced } from '@vueuse/core'
import type { Ref } from 'vue'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useSessionStore } from '../../stores/session'
import { readKept, writeKept } from '../../utils/app/kept'
import { safeStorage } from '../../utils/app/storage'
import { useTabs } from '../app/useTabs'

export interface UseReadMarkerOptions {
  room: string
  /** The newest entry shown; undefined before the room was read. */
  last: Ref<number | undefined>
  /** Whether the end of the list is in view. */
  atEnd: Ref<boolean>
  /** Whether the list is shown at all, and not behind another tab of the room. */
  shown: Ref<boolean>
}

export interface UseReadMarkerReturn {
  /** The unread mark stands after this `seq`; undefined for none. It holds still while one reads. */
  mark: Ref<number | undefined>
  /** What was read up to now. */
  read: Ref<number>
}

const TOLD_EVERY_MS = 250

/**
 * Remembers in this browser how far a room was read: what arrives with the tab hidden or the list scrolled up is unread,
 * until it is read in any tab (J5).
 */
export function useReadMarker({ room, last, atEnd, shown }: UseReadMarkerOptions): UseReadMarkerReturn {
  const tabs = useTabs()
  const storage = safeStorage('local')
  const session = useSessionStore()
  const userId = () => session.user?.id ?? ''
  const stored = readKept(storage, 'read', userId(), room)
  const read = ref(Number(stored) || 0)
  const mark = shallowRef<number | undefined>(stored ? read.value : undefined)
  const visibility = useDocumentVisibility()
  const reading = computed(() => visibility.value === 'visible' && atEnd.value && shown.value)

  // Told to every tab of the browser: not for each message where many come.
  const tell = useThrottleFn(() => tabs.post({ type: 'read', userId: userId(), room, seq: read.value }), TOLD_EVERY_MS, true)

  function readTo(seq: number) {
    read.value = seq
    void tell()
  }

  watch(last, (seq, before) => {
    if (seq === undefined) return
    // A log that was replaced counts from the start again.
    if (seq < (before ?? read.value)) read.value = seq
    else if (reading.value && seq > read.value) readTo(seq)
  }, { immediate: true })
  watch(reading, (now) => {
    // Coming back leaves the mark where reading stopped; leaving sets it anew.
    if (!now) mark.value = read.value || undefined
    else if (last.value !== undefined && last.value > read.value) readTo(last.value)
  })
  onScopeDispose(tabs.on('read', (message) => {
    if (message.room !== room || message.userId !== userId() || message.seq <= read.value) return
    read.value = message.seq
    if (!reading.value) mark.value = message.seq
  }))
  watchDebounced(read, seq => writeKept(storage, 'read', userId(), room, String(seq)), { debounce: 400, maxWait: 2_000 })
  return { mark, read }
}
