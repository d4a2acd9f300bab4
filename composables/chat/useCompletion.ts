import type { ComputedRef, Ref } from 'vue'
import { computed, nextTick, ref, watch } from 'vue'

/** What is being written before the caret, and may be completed. */
export interface Begun { start: number, query: string }

export interface UseCompletionOptions<T> {
  textarea: Ref<HTMLTextAreaElement | null | undefined>
  input: Ref<string>
  /** What may be completed at a caret. */
  find: (text: string, caret: number) => Begun | undefined
  /** What it may become, the best first. */
  offer: (query: string) => readonly T[]
  /** What is written for one of them. */
  written: (one: T) => string
}

export interface UseCompletionReturn<T> {
  /** What is offered; none while the list is closed. */
  offered: ComputedRef<readonly T[]>
  /** Which of them Enter takes. */
  at: Ref<number>
  /** To be called when the text or the caret may have moved. */
  look: () => void
  /** Takes a key. Returns whether it was meant for the list. */
  key: (event: KeyboardEvent) => boolean
  pick: (one: T) => void
  close: () => void
}

/** Completes what is being written in a text field: arrows walk, Enter and Tab take, Esc closes until another one is begun. */
export function useCompletion<T>({ textarea, input, find, offer, written }: UseCompletionOptions<T>): UseCompletionReturn<T> {
  const writing = ref<Begun>()
  const at = ref(0)
  let dismissed: number | undefined

  const offered = computed(() => writing.value ? offer(writing.value.query) : [])
  watch(() => writing.value?.query, () => at.value = 0)

  function look() {
    const field = textarea.value
    const found = field && field.selectionStart === field.selectionEnd ? find(field.value, field.selectionStart) : undefined
    if (found?.start !== dismissed) dismissed = undefined
    const next = found && found.start !== dismissed ? found : undefined
    if (next?.start !== writing.value?.start || next?.query !== writing.value?.query) writing.value = next && { start: next.start, query: next.query }
  }

  function close() {
    dismissed = writing.value?.start
    writing.value = undefined
  }

  function pick(one: T) {
    const begun = writing.value
    if (!begun) return
    const text = written(one)
    const rest = input.value.slice(begun.start + 1 + begun.query.length).replace(/^ /, '')
    input.value = input.value.slice(0, begun.start) + text + rest
    writing.value = undefined
    const caret = begun.start + text.length
    void nextTick(() => {
      textarea.value?.focus()
      textarea.value?.setSelectionRange(caret, caret)
    })
  }

  function key(event: KeyboardEvent): boolean {
    const { length } = offered.value
    if (length === 0) return false
    if (event.key === 'ArrowDown') at.value = (at.value + 1) % length
    else if (event.key === 'ArrowUp') at.value = (at.value + length - 1) % length
    else if ((event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey)) pick(offered.value[Math.min(at.value, length - 1)]!)
    else if (event.key === 'Escape') close()
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  return { offered, at, look, key, pick, close }
}
