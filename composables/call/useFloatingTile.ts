import { computed, shallowRef } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import { useCallStore } from '~/stores/call'
import { cornerByKey, floatingBoxes, nearestCorner, nextCorner } from '~/utils/call/floating'
import type { TileBox } from '~/utils/call/layout'

export interface UseFloatingTileReturn {
  /** The boxes of the other and of oneself; while it is dragged, one's own where the pointer has it. */
  boxes: ComputedRef<{ other: TileBox, own: TileBox }>
  isDragged: ComputedRef<boolean>
  /** Begins to drag, with the event of the pointer that took hold. */
  grab: (event: PointerEvent) => void
  /** Arrow keys. */
  onKey: (event: KeyboardEvent) => void
  /** To the next corner. */
  next: () => void
}

/**
 * One's own picture over the other's: dragged it goes to the nearest corner, by keys to the one they point at.
 *
 * @param width the stage's, in pixels
 * @param height the stage's, in pixels
 */
export function useFloatingTile({ width, height }: { width: Readonly<Ref<number>>, height: Readonly<Ref<number>> }): UseFloatingTileReturn {
  const store = useCallStore()
  const offset = shallowRef<{ x: number, y: number }>()
  const stage = computed(() => ({ width: width.value, height: height.value }))
  const placed = computed(() => floatingBoxes(stage.value, store.corner))
  const boxes = computed(() => {
    const { other, own } = placed.value
    if (!offset.value) return placed.value
    const within = (value: number, most: number) => Math.min(Math.max(value, 0), Math.max(most, 0))
    return {
      other,
      own: {
        ...own,
        left: within(own.left + offset.value.x, width.value - own.width),
        top: within(own.top + offset.value.y, height.value - own.height),
      },
    }
  })

  function grab(event: PointerEvent) {
    if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return
    const target = event.currentTarget
    const start = { x: event.clientX, y: event.clientY }
    const move = ({ clientX, clientY }: PointerEvent) => {
      offset.value = { x: clientX - start.x, y: clientY - start.y }
    }
    const end = () => {
      for (const [name, handler] of handlers) target.removeEventListener(name, handler as EventListener)
      const { own } = boxes.value
      if (offset.value) store.setCorner(nearestCorner(stage.value, { x: own.left + own.width / 2, y: own.top + own.height / 2 }))
      offset.value = undefined
    }
    const handlers = [['pointermove', move], ['pointerup', end], ['pointercancel', end]] as const
    for (const [name, handler] of handlers) target.addEventListener(name, handler as EventListener)
    target.setPointerCapture(event.pointerId)
  }

  function onKey(event: KeyboardEvent) {
    const corner = cornerByKey(store.corner, event.key)
    if (!corner) return
    event.preventDefault()
    store.setCorner(corner)
  }

  return { boxes, isDragged: computed(() => offset.value !== undefined), grab, onKey, next: () => store.setCorner(nextCorner(store.corner)) }
}
