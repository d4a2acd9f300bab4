import type { Ref } from 'vue'
import type { Mentionable } from '../../utils/chat/mentions'
import { matching, mentionAt } from '../../utils/chat/mentions'
import type { UseCompletionReturn } from './useCompletion'
import { useCompletion } from './useCompletion'

export interface UseMentionPickerOptions {
  textarea: Ref<HTMLTextAreaElement | null | undefined>
  input: Ref<string>
  all: () => readonly Mentionable[]
}

/** Completes `@` in a text field to somebody who can be named. */
export function useMentionPicker({ textarea, input, all }: UseMentionPickerOptions): UseCompletionReturn<Mentionable> {
  return useCompletion({ textarea, input, find: mentionAt, offer: query => matching(all(), query), written: one => `@${one.handle} ` })
}
