import type { ComputedRef } from 'vue'
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { useCallStore } from '../../stores/call'
import type { CallHandover, TabChannel } from '../../utils/app/tab-channel'

export interface UseCallTabsOptions {
  room: string
  tabs: TabChannel
  /** Whose tabs these are. */
  userId: () => string | undefined
  /** How long a tab may take to let go of the call, in milliseconds. @default 2000 */
  patienceMs?: number
}

export interface UseCallTabsReturn {
  /** Whether this person is in the call in another tab, and not in this one. */
  isElsewhere: ComputedRef<boolean>
  /** Makes the other tab leave the call. Resolves to what was on there; to nothing when it does not answer. */
  take: () => Promise<CallHandover | undefined>
}

/** Knows in which tabs of this browser one is in a room's call, so that nobody is in it twice by accident (J5). */
export function useCallTabs({ room, tabs, userId, patienceMs = 2_000 }: UseCallTabsOptions): UseCallTabsReturn {
  const store = useCallStore()
  const others = shallowRef<ReadonlySet<string>>(new Set())
  const isHere = computed(() => store.phase === 'joining' || store.phase === 'active')

  function tell(active: boolean) {
    const id = userId()
    if (id) tabs.post({ type: 'call-here', userId: id, room, tab: tabs.id, active })
  }

  function note(tab: string, active: boolean) {
    const next = new Set(others.value)
    if (active) next.add(tab)
    else next.delete(tab)
    others.value = next
  }

  async function takeFrom(from: string): Promise<CallHandover | undefined> {
    const id = userId()
    if (!id) return undefined
    let stop = () => {}
    let timer: ReturnType<typeof setTimeout> | undefined
    const given = new Promise<CallHandover | undefined>((resolve) => {
      stop = tabs.on('call-given', message => message.room === room && message.to === tabs.id && resolve(message.handover))
      timer = setTimeout(resolve, patienceMs, undefined)
      tabs.post({ type: 'call-take', userId: id, room, from, by: tabs.id })
    })
    const handover = await Promise.race([given, tabs.gone(from).then(() => undefined)])
    stop()
    clearTimeout(timer)
    note(from, false)
    return handover
  }

  const stops = [
    tabs.on('call-ask', message => message.room === room && message.userId === userId() && isHere.value && tell(true)),
    tabs.on('call-here', ({ room: where, userId: who, tab, active }) => {
      if (where !== room || who !== userId()) return
      note(tab, active)
      // One that crashed says nothing more.
      if (active) void tabs.gone(tab).then(() => note(tab, false))
    }),
  ]
  watch(isHere, tell)
  watch(userId, (id) => {
    others.value = new Set()
    if (id) tabs.post({ type: 'call-ask', userId: id, room })
  }, { immediate: true })
  onScopeDispose(() => {
    for (const stop of stops) stop()
    if (isHere.value) tell(false)
  })

  return {
    isElsewhere: computed(() => others.value.size > 0 && !isHere.value),
    async take() {
      const handovers = await Promise.all([...others.value].map(takeFrom))
      return handovers.find(handover => handover !== undefined)
    },
  }
}
