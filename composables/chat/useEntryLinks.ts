import { useEventListener } from '@vueuse/core'
import type { Ref } from 'vue'
import { watch } from 'vue'

export interface UseEntryLinksOptions {
  root: Ref<HTMLElement | null>
  room: () => string
  /** Whether the newest messages are there. */
  ready: () => boolean
  /** Shows a message in place. */
  goto: (seq: number) => Promise<boolean>
}

/** The message of a room an address means: `/r/name#m12`. */
export function entryIn(url: URL, room: string): number | undefined {
  const found = /^#m(\d{1,15})$/.exec(url.hash)
  return found && url.pathname === `/r/${room}` ? Number(found[1]) : undefined
}

/** Links to messages of this room lead there without leaving it, and so does the address one came with. */
export function useEntryLinks({ root, room, ready, goto }: UseEntryLinksOptions): void {
  useEventListener(root, 'click', (event) => {
    const link = (event.target as Element | null)?.closest('a')
    const seq = link && link.origin === location.origin ? entryIn(new URL(link.href), room()) : undefined
    if (seq === undefined) return
    event.preventDefault()
    void goto(seq)
  })
  // An address of this page that was put in by hand, or from elsewhere.
  useEventListener('hashchange', () => {
    const seq = entryIn(new URL(location.href), room())
    if (seq !== undefined && ready()) void goto(seq)
  })
  const stop = watch(ready, (now) => {
    if (!now) return
    queueMicrotask(() => stop())
    const seq = entryIn(new URL(location.href), room())
    if (seq !== undefined) void goto(seq)
  }, { immediate: true, flush: 'post' })
}
