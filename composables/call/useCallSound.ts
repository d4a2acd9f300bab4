import { useEventListener } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'

export interface UseCallSoundReturn {
  /** Whether the browser keeps any sound off now. */
  isBlocked: ComputedRef<boolean>
  /** Grows each time silent sounds should be started again. */
  attempt: Readonly<ShallowRef<number>>
  /** A sound was refused, plays, or is gone. */
  blocked: (key: string) => void
  playing: (key: string) => void
  /** Starts what is silent. To be called in a click or key press. */
  start: () => void
}

/** What the HTML standard counts as a person's own act; Escape is none. */
const ACTS = ['click', 'keydown', 'pointerup', 'touchend'] as const

/** Sounds that the browser keeps off until somebody clicks or presses a key: said each time, and started by any click or key. */
export function useCallSound(): UseCallSoundReturn {
  const silent = shallowRef<ReadonlySet<string>>(new Set())
  const attempt = shallowRef(0)

  function mark(key: string, isSilent: boolean) {
    if (silent.value.has(key) === isSilent) return
    const next = new Set(silent.value)
    if (isSilent) next.add(key)
    else next.delete(key)
    silent.value = next
  }

  function start() {
    if (silent.value.size > 0) attempt.value++
  }

  if (typeof window !== 'undefined') useEventListener(window, [...ACTS], start, { capture: true, passive: true })
  return {
    isBlocked: computed(() => silent.value.size > 0),
    attempt,
    blocked: key => mark(key, true),
    playing: key => mark(key, false),
    start,
  }
}
