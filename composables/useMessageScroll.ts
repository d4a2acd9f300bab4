import type { Ref } from 'vue'
import { nextTick, ref, shallowRef, watch } from 'vue'
import type { TimelineRow } from '../utils/timeline'

/** The part of the virtual list that is used. */
export interface ListHandle {
  readonly scrollOffset: number
  readonly viewportSize: number
  scrollToIndex: (index: number, options?: { align?: 'start' | 'center' | 'end' | 'nearest', offset?: number }) => void
}

export interface UseMessageScrollOptions {
  rows: Ref<readonly TimelineRow[]>
  list: Ref<ListHandle | null>
  /** How far the end is below the view now, in pixels. The list itself learns of a changed height only after it was scrolled by it. */
  belowView: () => number
  /** Asks for older messages. */
  loadOlder: () => void
  /** Whether there are any. */
  more: Ref<boolean>
}

export interface UseMessageScrollReturn {
  /** The rows to show: changed together with `shift`. */
  shown: Ref<readonly TimelineRow[]>
  /** Whether the last change was at the top, so that the view holds its place. */
  shift: Ref<boolean>
  /** Whether the newest message is in view. */
  atEnd: Ref<boolean>
  onScroll: (offset: number) => void
  toEnd: () => void
  /** Keeps the end in view after something grew. */
  settle: () => void
}

const NEAR_END = 48
const NEAR_TOP = 400

/** A list that holds its place: it follows the end only while the end is in view, and older rows come in above unseen. */
export function useMessageScroll({ rows, list, belowView, loadOlder, more }: UseMessageScrollOptions): UseMessageScrollReturn {
  const shown = shallowRef<readonly TimelineRow[]>(rows.value)
  const shift = ref(false)
  const atEnd = ref(true)
  let before = 0

  watch(rows, (next, previous) => {
    const sameEnd = next.at(-1)?.key === previous.at(-1)?.key
    shift.value = sameEnd && next.length !== previous.length
    shown.value = next
    if (atEnd.value) settle()
    else if (sameEnd) void nextTick(fill)
  }, { flush: 'sync' })
  watch(list, settle)

  function toEnd() {
    atEnd.value = true
    settle()
  }

  function settle() {
    if (!atEnd.value) return
    void nextTick(() => {
      list.value?.scrollToIndex(shown.value.length - 1, { align: 'end' })
      fill()
    })
  }

  function onScroll(offset: number) {
    if (!list.value) return
    if (belowView() < NEAR_END) atEnd.value = true
    else if (offset < before - 1) atEnd.value = false
    before = offset
    fill()
  }

  /** Loads more while the top is near. */
  function fill() {
    const handle = list.value
    if (handle && more.value && handle.viewportSize > 0 && handle.scrollOffset < NEAR_TOP) loadOlder()
  }

  return { shown, shift, atEnd, onScroll, toEnd, settle }
}
