import type { ComputedRef, Ref } from 'vue'
import { computed, ref, watch } from 'vue'

export type SideView = 'chat' | 'people'
export type RoomPane = 'stage' | SideView

export interface UseRoomLayoutOptions {
  /** Whether stage and side fit beside each other. */
  wide: Readonly<Ref<boolean>>
  /** Whether there is a stage: one is in the call or about to join. */
  staged: Readonly<Ref<boolean>>
  /** Whether the stage wants the whole width: somebody else shares a screen. */
  spread: Readonly<Ref<boolean>>
  /** Whether the side is in use, so that it is not taken away: one writes in it. */
  isSideBusy: () => boolean
}

export interface UseRoomLayoutReturn {
  /** The pane that is chosen where only one fits. */
  pane: ComputedRef<RoomPane>
  /** What the side shows. */
  side: Readonly<Ref<SideView>>
  isStageShown: ComputedRef<boolean>
  isSideShown: ComputedRef<boolean>
  /** Shows a pane, and the side with it. */
  choose: (pane: RoomPane) => void
  /** Shows a view of the side, or goes back to the stage alone where it is shown already. Returns whether it is shown now. */
  toggle: (view: SideView) => boolean
}

/**
 * What of a room is on the page: stage and side beside each other where both fit, one of them where not. The call's bar
 * is no part of it: it is there whatever is chosen.
 */
export function useRoomLayout({ wide, staged, spread, isSideBusy }: UseRoomLayoutOptions): UseRoomLayoutReturn {
  const chosen = ref<RoomPane>(staged.value ? 'stage' : 'chat')
  const side = ref<SideView>('chat')
  const isOpen = ref(true)
  /** Folded away for a screen, so it comes back after it. */
  let isFolded = false

  const pane = computed(() => staged.value || chosen.value !== 'stage' ? chosen.value : side.value)
  const isStageShown = computed(() => staged.value && (wide.value || pane.value === 'stage'))
  const isSideShown = computed(() => staged.value && wide.value ? isOpen.value : pane.value !== 'stage')

  function choose(next: RoomPane) {
    chosen.value = next
    if (next === 'stage') return
    side.value = next
    isOpen.value = true
    isFolded = false
  }

  function toggle(view: SideView) {
    const isShown = isSideShown.value && side.value === view
    if (!staged.value || !isShown) {
      choose(view)
      return true
    }
    isFolded = false
    if (wide.value) isOpen.value = false
    else chosen.value = 'stage'
    return false
  }

  watch(staged, (now) => {
    chosen.value = now ? 'stage' : side.value
    isOpen.value = true
    isFolded = false
  })
  // A window that becomes narrow goes on with the call, unless one is writing.
  watch(wide, (now) => {
    if (!now && staged.value) chosen.value = isOpen.value && isSideBusy() ? side.value : 'stage'
  })
  watch(spread, (now) => {
    if (now && isOpen.value && !isSideBusy()) {
      isOpen.value = false
      isFolded = true
    } else if (!now && isFolded) {
      isOpen.value = true
      isFolded = false
    }
  })

  return { pane, side, isStageShown, isSideShown, choose, toggle }
}
