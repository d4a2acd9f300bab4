import { useIntervalFn } from '@vueuse/core'
import type { ComputedRef, ShallowRef } from 'vue'
import { shallowRef, watch } from 'vue'
import type { PersonaUsage } from '../../utils/personas/personas-api'
import { usePersonasApi } from './usePersonasApi'

const REFRESH_MS = 30_000

/**
 * What each persona used of its budget, for those who may know (AGT-12): read again when an answer ends, and now and then.
 *
 * @param allowed whether this person keeps the personas; nothing is asked otherwise
 * @param answering how many answers are on their way
 */
export function usePersonaUsage(allowed: ComputedRef<boolean>, answering: ComputedRef<number>): ShallowRef<ReadonlyMap<string, PersonaUsage>> {
  const api = usePersonasApi()
  const usage = shallowRef<ReadonlyMap<string, PersonaUsage>>(new Map())

  async function read(): Promise<void> {
    if (!allowed.value || document.visibilityState !== 'visible') return
    // A budget that cannot be read now is read the next time; what was known stands until then.
    const known = await api.usage().catch(() => undefined)
    if (known) usage.value = new Map(known.map(one => [one.id, one]))
  }

  watch(allowed, read, { immediate: true })
  watch(answering, (now, before) => now < before && read())
  useIntervalFn(read, REFRESH_MS)
  return usage
}
