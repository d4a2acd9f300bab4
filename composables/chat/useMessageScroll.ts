import type { Ref } from 'vue'
import { computed, nextTick, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { layOut, placeAfter, rowAt, rowsBetween } from '../../utils/chat/row-window'
import type { Keyed, Place } from '../../utils/chat/row-window'
import { seenAt, topOfPoint } from '../../utils/chat/seen-point'
import type { SeenPoint } from '../../utils/chat/seen-point'

export interface UseMessageScrollOptions<Row extends Keyed> {
  /** Every row, oldest first; no key stands twice. */
  rows: Ref<readonly Row[]>
  /** What scrolls. */
  scroller: Ref<HTMLElement | null>
  /** What holds the drawn rows, each in an element of its own with its key as `data-key`, and nothing else. */
  content: Ref<HTMLElement | null>
  /** Asks for older messages. */
  loadOlder: () => void
  /** Whether there are any. */
  more: Ref<boolean>
  /** Whether setting the scroll position ends a fling of the finger. By default as in WebKit on touch screens. */
  flingEnds?: boolean
}

export interface UseMessageScrollReturn<Row extends Keyed> {
  /** The rows to draw now. */
  drawn: Ref<readonly Row[]>
  /** The room that `content` leaves for those above and below, in pixels. */
  padding: Ref<{ paddingTop: string, paddingBottom: string }>
  /** Whether the newest message is in view. */
  atEnd: Ref<boolean>
  toEnd: () => void
  /** Shows a row in the middle of the view. False where there is no such row. */
  show: (key: string) => boolean
}

const NEAR_END = 48
const NEAR_TOP = 400
/** How far beyond the view rows are drawn, and how near to the view the last drawn one may come. */
const DRAW = 800
const KEEP = 300
const GUESS = 48
/** So many rows say how high the others are. */
const SAMPLE = 12
const STILL_MS = 150
/** For this long after a wheel, a finger or a key the list is scrolled by the reader. */
const WISH_MS = 500
const WISHES = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/**
 * A list that draws what is in view and holds its place: it follows the end while the end is in view, and otherwise what the
 * reader looks at stays where it is, whatever comes, goes, grows or is laid out anew. That is the row that was shown to them, or
 * the first row whose beginning is seen, while its beginning is in view; or else the line of text at the upper edge. The drawn rows stand in the flow of the page, so that none
 * can cover another; heights are known by key, and only say how much room the others take.
 */
export function useMessageScroll<Row extends Keyed>(options: UseMessageScrollOptions<Row>): UseMessageScrollReturn<Row> {
  const { rows, scroller, content, loadOlder, more } = options
  const heights = new Map<string, number>()
  let guess = GUESS
  const shown = shallowRef(rows.value)
  const layout = shallowRef(layOut(rows.value, heights, guess))
  const range = shallowRef<readonly [number, number]>([Math.max(0, rows.value.length - SAMPLE), rows.value.length])
  const atEnd = ref(true)
  let place: Place | undefined
  /** The row of the held place was shown to the reader, who has not scrolled since. */
  let pinned = false
  /** The row that the upper edge of the view cuts, and what of it is seen there. */
  let edge: Place & { point?: SeenPoint, top: number } | undefined
  /** Where the list scrolled itself to: whatever differs from it was the reader. */
  let expected = 0
  let view = { width: 0, height: 0 }
  let scrolledAt = -Infinity
  let lifted = 0
  let wishedAt = -Infinity

  const drawn = computed(() => shown.value.slice(...range.value))
  const above = computed(() => layout.value.tops[range.value[0]]!)
  const below = computed(() => layout.value.tops.at(-1)! - layout.value.tops[range.value[1]]!)
  const padding = computed(() => ({ paddingTop: `${above.value}px`, paddingBottom: `${below.value}px` }))

  /** Draws what the held place needs, and a bit beyond it. */
  function draw(force = false) {
    const { tops, indexOf, rows } = layout.value
    const index = atEnd.value || !place ? undefined : indexOf.get(place.key)
    const from = index === undefined ? tops.at(-1)! - view.height : tops[index]! - place!.offset
    const to = from + view.height
    const [first, end] = range.value
    const enough = (first === 0 || tops[first]! <= from - KEEP) && (end === rows.length || tops[end]! >= to + KEEP)
    if (!enough || force) range.value = rowsBetween(layout.value, from - DRAW, to + DRAW)
  }

  function elements(): HTMLElement[] {
    return [...content.value?.children ?? []] as HTMLElement[]
  }

  /** Learns the heights of what is drawn. Returns whether any is new. */
  function measure(): boolean {
    if (view.height === 0) return false
    let changed = false
    for (const element of elements()) {
      const height = element.getBoundingClientRect().height
      const { key = '' } = element.dataset
      if (Math.abs((heights.get(key) ?? -1) - height) < 0.05) continue
      heights.set(key, height)
      changed = true
    }
    if (guess === GUESS && heights.size >= SAMPLE) guess = [...heights.values()].reduce((sum, height) => sum + height, 0) / heights.size
    if (changed) layout.value = layOut(shown.value, heights, guess)
    return changed
  }

  /** Scrolls to the held place. */
  function align() {
    const element = scroller.value
    if (!element || view.height === 0) return
    if (!atEnd.value) seek(element)
    const by = atEnd.value ? belowView() : offsetOf(place?.key) - (place?.offset ?? 0)
    if (Number.isNaN(by)) return
    if (Math.abs(by) >= 0.5 && !atEnd.value && flinging()) lift(lifted + by)
    else if (Math.abs(by) >= 0.5) element.scrollTop += by
    expected = element.scrollTop
    // At either end of the list it cannot be held to the pixel: then what is there is the place.
    if (range.value[1] === shown.value.length && belowView() < 1) atEnd.value = true
    else if (!atEnd.value && hold()) draw()
  }

  /** Takes what is seen at the upper edge for the place, where the beginning of the held row is out of view. */
  function seek(element: HTMLElement) {
    if (!edge || !place || (place.offset >= -1 && place.offset < element.clientHeight)) return
    const offset = offsetOf(edge.key)
    if (Number.isNaN(offset)) return
    const top = edge.point && topOfPoint(edge.point)
    place = { key: edge.key, offset: top === undefined ? edge.offset : offset + edge.top - (top - element.getBoundingClientRect().top) }
  }

  /** Moves the rows instead of the view, while a finger's fling must not be ended. */
  function lift(by: number) {
    lifted = by
    if (content.value) content.value.style.marginTop = by === 0 ? '' : `${-by}px`
  }

  function flinging(): boolean {
    return (options.flingEnds ?? CSS.supports('-webkit-touch-callout', 'none')) && performance.now() - scrolledAt < STILL_MS
  }

  function offsetOf(key: string | undefined): number {
    const element = elements().find(({ dataset }) => dataset.key === key)
    return element && scroller.value ? element.getBoundingClientRect().top - scroller.value.getBoundingClientRect().top : Number.NaN
  }

  /** How far the end is below the view, in pixels. */
  function belowView(): number {
    const element = scroller.value
    return element ? element.scrollHeight - element.clientHeight - element.scrollTop : 0
  }

  /**
   * Takes what is in view as the place to hold. Returns whether it is another than it was.
   *
   * @param anew the reader went there: what was held is forgotten
   */
  function hold(anew = false): boolean {
    const element = scroller.value
    const inside = content.value
    if (!element || !inside) return false
    const { top, bottom } = element.getBoundingClientRect()
    const boxes = elements().map(row => ({ row, key: row.dataset.key ?? '', box: row.getBoundingClientRect() }))
    const seen = boxes.filter(({ box }) => box.bottom > top && box.top < bottom)
    const cut = seen[0] && seen[0].box.top < top ? seen[0] : undefined
    const point = cut && seenAt(cut.row, top)
    edge = cut && { key: cut.key, offset: cut.box.top - top, point, top: ((point && topOfPoint(point)) ?? top) - top }
    const begins = seen.filter(({ box }) => box.top >= top - 1)
    pinned = pinned && !anew && begins.some(({ key }) => key === place?.key)
    const first = (pinned ? begins.find(({ key }) => key === place?.key) : begins[0]) ?? seen[0]
    // To the pixel it is held already: what is taken anew each time would creep.
    if (first && !anew && first.key === place?.key && Math.abs(first.box.top - top - place.offset) <= 1) return false
    if (first) place = { key: first.key, offset: first.box.top - top }
    else {
      // Far from what is drawn, as by a pull at the scroll bar.
      const y = top - inside.getBoundingClientRect().top
      const index = rowAt(layout.value, y)
      if (index >= 0) place = { key: layout.value.rows[index]!.key, offset: layout.value.tops[index]! - y }
    }
    return true
  }

  /** After rows were drawn: measured, there may be room for more. */
  function settle() {
    if (measure()) draw()
    align()
    fill()
  }

  function scrolled() {
    const element = scroller.value
    // A view that changes its size scrolls by itself; then the place is held, and not taken.
    if (!element || element.clientHeight === 0 || element.clientHeight !== view.height || element.clientWidth !== view.width) return
    const moved = element.scrollTop - expected
    if (Math.abs(moved) >= 1) {
      scrolledAt = performance.now()
      const wished = performance.now() - wishedAt < WISH_MS
      if (belowView() < (moved < 0 && wished ? 2 : NEAR_END)) atEnd.value = true
      else if (moved < 0) atEnd.value = false
      hold(true)
      expected = element.scrollTop
      draw()
      // What is around the list moved it off its end, and not the reader.
      if (atEnd.value && !wished) align()
    }
    if (lifted !== 0) setTimeout(land, STILL_MS)
    fill()
  }

  /** The fling is over: the view goes where the rows were moved from. */
  function land() {
    if (flinging() || lifted === 0) return
    lift(0)
    align()
  }

  function toEnd() {
    atEnd.value = true
    draw()
    void nextTick(settle)
  }

  function show(key: string): boolean {
    if (!layout.value.indexOf.has(key)) return false
    atEnd.value = false
    const height = heights.get(key) ?? guess
    place = { key, offset: Math.max(0, (view.height - height) / 2) }
    pinned = true
    edge = undefined
    draw(true)
    void nextTick(settle)
    return true
  }

  /** Loads more while the top is near. */
  function fill() {
    const element = scroller.value
    if (element && more.value && view.height > 0 && element.scrollTop < NEAR_TOP) loadOlder()
  }

  function resized() {
    const element = scroller.value
    if (!element || element.clientHeight === 0) return
    if (element.clientWidth !== view.width) {
      heights.clear()
      guess = GUESS
    }
    view = { width: element.clientWidth, height: element.clientHeight }
    measure()
    draw()
    align()
    fill()
  }

  watch(rows, (next) => {
    const before = layout.value
    if (heights.size > 4 * next.length + 1_000) heights.clear()
    shown.value = next
    layout.value = layOut(next, heights, guess)
    if (place) place = placeAfter(place, before, layout.value)
    draw(true)
  })
  watch([drawn, above, below, more], settle, { flush: 'post' })

  const observer = typeof ResizeObserver === 'undefined' ? undefined : new ResizeObserver(resized)
  const observed = new Set<Element>()
  watch([scroller, content, drawn], () => {
    const now = new Set<Element>([...scroller.value ? [scroller.value] : [], ...elements()])
    for (const element of observed) {
      if (!now.has(element)) observer?.unobserve(element)
    }
    for (const element of now) {
      if (!observed.has(element)) observer?.observe(element)
    }
    observed.clear()
    for (const element of now) observed.add(element)
  }, { flush: 'post', immediate: true })
  const wish = () => void (wishedAt = performance.now())
  watch(scroller, (element, before) => {
    before?.removeEventListener('scroll', scrolled)
    element?.addEventListener('scroll', scrolled, { passive: true })
    for (const event of WISHES) element?.addEventListener(event, wish, { passive: true })
    resized()
  }, { flush: 'post', immediate: true })
  onScopeDispose(() => {
    observer?.disconnect()
    scroller.value?.removeEventListener('scroll', scrolled)
  })

  return { drawn, padding, atEnd, toEnd, show }
}
