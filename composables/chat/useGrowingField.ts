import { useResizeObserver } from '@vueuse/core'
import type { Ref } from 'vue'
import { nextTick, watch } from 'vue'

/**
 * Makes a text field as high as its text. What stands around it keeps its size meanwhile: a list above it would scroll by the
 * height the field has not while it is measured.
 */
export function useGrowingField(field: Ref<HTMLTextAreaElement | null | undefined>, input: Ref<string>): void {
  let width = 0

  function fit() {
    const element = field.value
    const frame = element?.parentElement
    if (!element || !frame || element.clientWidth === 0) return
    frame.style.height = `${frame.offsetHeight}px`
    element.style.height = '1px'
    element.style.height = `${element.scrollHeight}px`
    frame.style.height = ''
  }

  watch([field, input], () => void nextTick(fit), { immediate: true, flush: 'post' })
  useResizeObserver(field, () => {
    if (field.value?.clientWidth === width) return
    width = field.value?.clientWidth ?? 0
    fit()
  })
}
