import type { Ref } from 'vue'
import type { EmojiEntry } from '../../utils/chat/emoji'
import { findEmoji, shortNameAt } from '../../utils/chat/emoji'
import type { UseCompletionReturn } from './useCompletion'
import { useCompletion } from './useCompletion'
import { useEmojiList } from './useEmojiList'

const OFFERED = 8

/**
 * Completes `:smi` to an emoji in a text field, and turns a whole `:smile:` into it. The list is loaded with the first colon that
 * may begin one.
 */
export function useEmojiCompletion({ textarea, input }: { textarea: Ref<HTMLTextAreaElement | null | undefined>, input: Ref<string> }): UseCompletionReturn<EmojiEntry> {
  const { all, load, used, inTone } = useEmojiList()

  const completion = useCompletion<EmojiEntry>({
    textarea,
    input,
    find(text, caret) {
      const begun = shortNameAt(text, caret)
      if (!begun) return undefined
      void load()
      return begun.whole ? undefined : begun
    },
    offer: query => all.value.length === 0 ? [] : findEmoji(all.value, query, OFFERED),
    written(one) {
      const emoji = inTone(one.emoji)
      used(emoji)
      return `${emoji} `
    },
  })

  function whole() {
    const field = textarea.value
    const begun = field && field.selectionStart === field.selectionEnd ? shortNameAt(field.value, field.selectionStart) : undefined
    const meant = begun?.whole ? all.value.find(({ short }) => short.includes(begun.query)) : undefined
    if (!field || !begun || !meant) return
    const rest = field.value.slice(field.selectionStart)
    const emoji = inTone(meant.emoji)
    input.value = field.value.slice(0, begun.start) + emoji + rest
    field.value = input.value
    field.setSelectionRange(begun.start + emoji.length, begun.start + emoji.length)
    used(emoji)
  }

  return {
    ...completion,
    look() {
      whole()
      completion.look()
    },
  }
}
