import { defineNuxtPlugin } from '#imports'
import { isComposing } from '~/utils/app/composing'

/** The Enter that confirms what an input method wrote is no Enter to any field, dialog or list of the page. */
export default defineNuxtPlugin(() => {
  window.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && isComposing(event)) event.stopImmediatePropagation()
  }, { capture: true })
})
