import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, Ref, ShallowRef } from 'vue'
import { budgetFor, rungsBelow } from '~/utils/call/budget'
import { loadOf } from '~/utils/call/load'
import { createLowering } from '~/utils/call/lowering'
import type { LinkStats } from '~/utils/call/stats'
import type { SendQuality } from '~/utils/call/types'
import { useComputePressure } from './useComputePressure'

export interface UseSendQualityOptions {
  /** Everyone in the call, oneself included. */
  people: Readonly<Ref<number>>
  /** The newest reading of each link. */
  stats: Readonly<ShallowRef<ReadonlyMap<string, LinkStats>>>
}

/** How much this side may send: less with every person more, and less while this computer does not keep up. */
export function useSendQuality({ people, stats }: UseSendQualityOptions): ComputedRef<SendQuality> {
  const lowered = shallowRef(0)
  const isAlone = computed(() => people.value < 2)
  const system = useComputePressure(() => !isAlone.value)
  let lowering = createLowering()

  watch(stats, (now) => {
    if (isAlone.value) return
    const load = loadOf(now.values(), navigator.hardwareConcurrency || 1, system.value)
    lowered.value = lowering.note(load, performance.now(), rungsBelow(people.value))
  })
  // Nobody to send to: the next call begins anew.
  watch(isAlone, () => {
    lowering = createLowering()
    lowered.value = 0
  })
  return computed(() => ({ people: people.value, lowered: lowered.value, budget: budgetFor(people.value, lowered.value) }))
}
