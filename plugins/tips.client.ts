import { defineNuxtPlugin } from '#imports'

/** The names of buttons that are only icons show when they are pointed at or reached by key; what shows them is fetched for the first. */
export default defineNuxtPlugin(() => {
  async function first(event: Event) {
    if (!(event.target instanceof Element && event.target.closest('[data-tip]'))) return
    for (const type of ['pointerover', 'focusin']) document.removeEventListener(type, first, { capture: true })
    const { showTips } = await import('~/utils/app/tips')
    showTips()
    // The one that asked for it: where it still is what is pointed at or focused.
    event.target.dispatchEvent(new (event.constructor as typeof Event)(event.type, event))
  }
  for (const type of ['pointerover', 'focusin']) document.addEventListener(type, first, { capture: true })
})
