/** How long a pointer rests on a button before its name shows; at once when another one's was just there. */
const REST_MS = 400
const RECENT_MS = 300
/** Between the button and its name, and between that and the edge of the page, in pixels. */
const GAP = 8

/**
 * Shows the accessible name of whatever has `data-tip` beside it, for who points at it or comes to it with the keyboard. It can be pointed
 * at itself, goes with Escape, and is no description: a screen reader reads the name once.
 *
 * @returns takes all of it away
 */
export function showTips(): () => void {
  const tip = Object.assign(document.createElement('div'), { className: 'tip', role: 'tooltip', popover: 'manual' })
  tip.setAttribute('aria-hidden', 'true')
  let owner: HTMLElement | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let hiddenAt = -Infinity

  function place(over: DOMRect) {
    const { width, height } = tip.getBoundingClientRect()
    const below = over.bottom + GAP + height <= innerHeight - GAP
    tip.style.top = `${Math.max(GAP, below ? over.bottom + GAP : over.top - GAP - height)}px`
    tip.style.left = `${Math.max(GAP, Math.min(innerWidth - width - GAP, over.left + (over.width - width) / 2))}px`
  }

  function show(of: HTMLElement) {
    const name = of.getAttribute('aria-label')
    if (!name || !of.isConnected) return
    owner = of
    tip.textContent = name
    document.body.append(tip)
    tip.showPopover?.()
    place(of.getBoundingClientRect())
  }

  function hide() {
    clearTimeout(timer)
    if (owner) hiddenAt = performance.now()
    owner = undefined
    tip.remove()
  }

  const tipped = (target: EventTarget | null) => target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null

  function over(event: PointerEvent) {
    if (event.pointerType === 'touch') return
    const of = tipped(event.target)
    if (of ? of === owner : event.target === tip) return clearTimeout(timer)
    clearTimeout(timer)
    if (!of) {
      // Time to go from the button to its name.
      if (owner) timer = setTimeout(hide, 100)
      return
    }
    const recent = owner !== undefined || performance.now() - hiddenAt < RECENT_MS
    if (owner) hide()
    timer = setTimeout(show, recent ? 0 : REST_MS, of)
  }

  function focused(event: FocusEvent) {
    const of = tipped(event.target)
    if (of?.matches(':focus-visible')) {
      hide()
      show(of)
    } else if (owner) {
      hide()
    }
  }

  const key = (event: KeyboardEvent) => event.key === 'Escape' && hide()
  const scrolled = (event: Event) => owner && event.target instanceof Node && event.target.contains(owner) && hide()
  const listeners = [
    ['pointerover', over], ['focusin', focused], ['focusout', hide], ['pointerdown', hide], ['click', hide], ['keydown', key], ['scroll', scrolled],
  ] as const
  for (const [type, listener] of listeners) document.addEventListener(type, listener as EventListener, { capture: true, passive: true })
  return () => {
    hide()
    for (const [type, listener] of listeners) document.removeEventListener(type, listener as EventListener, { capture: true })
  }
}
