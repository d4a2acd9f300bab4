import { computed, shallowRef, watch } from 'vue'
import type { ComputedRef, ShallowRef } from 'vue'
import { isPlain } from '#shared/text/plain'
import { unwaited } from '../utils/warm'

type Markdown = Pick<typeof import('../utils/markdown'), 'renderMarkdown' | 'createGrowingMarkdown'> & Pick<typeof import('../utils/excerpt'), 'excerpt'>

/** As long as a list may stay blank for it. */
const PATIENCE_MS = 1_500
/** After it did not come. */
const AGAIN_MS = 10_000

const markdown = shallowRef<Markdown>()
const isAwaited = shallowRef(false)
let isComing = false

async function load(): Promise<Markdown> {
  const [{ renderMarkdown, createGrowingMarkdown }, { excerpt }] = await Promise.all([import('../utils/markdown'), import('../utils/excerpt')])
  return { renderMarkdown, createGrowingMarkdown, excerpt }
}

/** Fetches what lays texts out, if that has not been done. */
export async function fetchMarkdown(): Promise<void> {
  markdown.value ??= await load()
}

/** Fetches it for a text that needs it; without it, texts show as they were typed. */
function want() {
  if (markdown.value || isComing) return
  isComing = isAwaited.value = true
  const patience = setTimeout(() => isAwaited.value = false, PATIENCE_MS)
  void unwaited(fetchMarkdown()).catch(() => setTimeout(want, AGAIN_MS)).finally(() => {
    clearTimeout(patience)
    isComing = isAwaited.value = false
  })
}

function shortened(text: string, length: number): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > length ? `${line.slice(0, length - 1).toWellFormed()}…` : line
}

export interface UseMarkdownReturn {
  /** What lays out texts that are more than words, once one was met and it came. */
  markdown: Readonly<ShallowRef<Markdown | undefined>>
  /** Asks for it, as a text that is more than words does. */
  want: () => void
  /** Asks for it where one of these texts is more than words; whether they wait for it: a blank is better than markup, for a moment. */
  awaits: (texts: () => readonly string[]) => ComputedRef<boolean>
  /** One line of a text without its markup. */
  excerpt: (text: string, length?: number) => string
}

/** Markdown, whose code is fetched for the first text that is more than words. Only in the browser. */
export function useMarkdown(): UseMarkdownReturn {
  return {
    markdown,
    want,
    awaits(texts) {
      const needs = computed(() => !markdown.value && texts().some(text => !isPlain(text)))
      watch(needs, now => now && want(), { immediate: true, flush: 'sync' })
      return computed(() => needs.value && isAwaited.value)
    },
    excerpt(text, length = 120) {
      if (!markdown.value && !isPlain(text)) queueMicrotask(want)
      return markdown.value ? markdown.value.excerpt(text, length) : shortened(text, length)
    },
  }
}
