import type { ComputedRef, Ref } from 'vue'
import { computed, nextTick, ref, watch } from 'vue'
import type { Mentionable } from '../utils/mentions'
import { matching, mentionAt } from '../utils/mentions'

export interface UseMentionPickerOptions {
  textarea: Ref<HTMLTextAreaElement | null | undefined>
  input: Ref<string>
  all: () => readonly Mentionable[]
}

export interface UseMentionPickerReturn {
  /** Who is offered; none while the list is closed. */
  offered: ComputedRef<readonly Mentionable[]>
  /** Which of them Enter takes. */
  at: Ref<number>
  /** To be called when the text or the caret may have moved. */
  look: () => void
  /** Takes a key. Returns whether it was meant for the list. */
  key: (event: KeyboardEvent) => boolean
  pick: (one: Mentionable) => void
  close: () => void
}

/** Completes `@` in a text field: arrows walk, Enter and Tab take, Esc closes until another one is begun. */
export function useMentionPicker({ textarea, input, all }: UseMentionPickerOptions): UseMentionPickerReturn {
  const writing = ref<{ start: number, query: string }>()
  const at = ref(0)
  let dismissed: number | undefined

  const offered = computed(() => writing.value ? matching(all(), writing.value.query) : [])
  watch(() => writing.value?.query, () => at.value = 0)

  function look() {
    const field = textarea.value
    const found = field && field.selectionStart === field.selectionEnd ? mentionAt(field.value, field.selectionStart) : undefined
    if (found?.start !== dismissed) dismissed = undefined
    const next = found && found.start !== dismissed ? found : undefined
    if (next?.start !== writing.value?.start || next?.query !== writing.value?.query) writing.value = next
  }

  function close() {
    dismissed = writing.value?.start
    writing.value = undefined
  }

  function pick(one: Mentionable) {
    const mention = writing.value
    if (!mention) return
    const written = `@${one.handle} `
    const rest = input.value.slice(mention.start + 1 + mention.query.length).replace(/^ /, '')
    input.value = input.value.slice(0, mention.start) + written + rest
    writing.value = undefined
    const caret = mention.start + written.length
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
