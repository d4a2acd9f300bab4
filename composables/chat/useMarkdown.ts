import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'
import { isPlain } from '#shared/text/plain'
import { unmarked } from '../../utils/chat/unmarked'
import { unwaited } from '../../utils/app/warm'

type Markdown = Pick<typeof import('../../utils/chat/markdown'), 'renderMarkdown' | 'createGrowingMarkdown'> & Pick<typeof import('../../utils/chat/excerpt'), 'excerpt'>

/** After it did not come. */
const AGAIN_MS = 10_000

const markdown = shallowRef<Markdown>()
const coming = shallowRef(false)
let isWanted = false

async function load(): Promise<Markdown> {
  const [{ renderMarkdown, createGrowingMarkdown }, { excerpt }] = await Promise.all([import('../../utils/chat/markdown'), import('../../utils/chat/excerpt')])
  return { renderMarkdown, createGrowingMarkdown, excerpt }
}

/** Fetches what lays texts out, if that has not been done. */
export async function fetchMarkdown(): Promise<void> {
  markdown.value ??= await load()
}

/** Fetches it for a text that needs it. */
function want() {
  if (markdown.value || isWanted) return
  isWanted = coming.value = true
  void again()
}

async function again(): Promise<void> {
  try {
    await unwaited(fetchMarkdown())
  } catch {
    setTimeout(again, AGAIN_MS)
  }
  coming.value = false
}

function shortened(text: string, length: number): string {
  const line = text.trim().replace(/\s+/g, ' ')
  return line.length > length ? `${line.slice(0, length - 1).toWellFormed()}…` : line
}

export interface UseMarkdownReturn {
  /** What lays out texts that are more than words, once one was met and it came. */
  markdown: Readonly<ShallowRef<Markdown | undefined>>
  /** It was asked for, and has not failed to come yet. */
  coming: Readonly<ShallowRef<boolean>>
  /** Asks for it, as a text that is more than words does. */
  want: () => void
  /** One line of a text without its markup. */
  excerpt: (text: string, length?: number) => string
}

/** Markdown, whose code is fetched for the first text that is more than words. Only in the browser. */
export function useMarkdown(): UseMarkdownReturn {
  return {
    markdown,
    coming,
    want,
    excerpt(text, length = 120) {
      if (!markdown.value && !isPlain(text)) queueMicrotask(want)
      return markdown.value ? markdown.value.excerpt(text, length) : shortened(unmarked(text), length)
    },
  }
}
