import { useEventListener } from '@vueuse/core'
import { keptKey } from '../../utils/app/kept'
import type { KeyValue } from '../../utils/app/storage'
import { safeStorage } from '../../utils/app/storage'

/** What is being changed: a message of the log, or one that waits; and its text before. */
export type Edited = { text: string, /** How far the new text is. */ draft?: string } & ({ messageId: string, seq: number } | { pendingId: string })

export interface UseKeptEditReturn {
  /** The edit that was going on in this tab, or in one that was closed. It is this tab's from now on. */
  take: () => Edited | undefined
  keep: (edit: Edited) => void
  forget: () => void
}

export interface UseKeptEditOptions {
  room: string
  userId: () => string
  /** Of this tab, over reloads. @default the browser's */
  tab?: KeyValue
  /** Of all tabs. @default the browser's */
  all?: KeyValue
}

/**
 * Keeps an edit in progress as drafts are kept, but one tab's: another that is opened beside it does not begin in the middle of it.
 * Only a page that goes away leaves it to whichever comes next.
 */
export function useKeptEdit({ room, userId, tab = safeStorage('session'), all = safeStorage('local') }: UseKeptEditOptions): UseKeptEditReturn {
  const key = () => keptKey('edit', userId(), room)

  useEventListener('pagehide', () => {
    const mine = tab.getItem(key())
    if (mine !== null) all.setItem(key(), mine)
  })
  // Back from the browser's memory of pages: it never went away.
  useEventListener('pageshow', event => event.persisted && tab.getItem(key()) !== null && all.removeItem(key()))

  return {
    take() {
      const mine = tab.getItem(key()) ?? all.getItem(key())
      all.removeItem(key())
      if (mine === null) return undefined
      tab.setItem(key(), mine)
      return read(mine)
    },
    keep: edit => tab.setItem(key(), JSON.stringify(edit)),
    forget: () => tab.removeItem(key()),
  }
}

/** What is stored may be of another version, or anybody's. */
function read(stored: string): Edited | undefined {
  try {
    const edit = JSON.parse(stored) as Partial<Record<string, unknown>> | null
    const isOne = typeof edit?.text === 'string' && (edit.draft === undefined || typeof edit.draft === 'string')
      && (typeof edit.pendingId === 'string' || (typeof edit.messageId === 'string' && typeof edit.seq === 'number'))
    return isOne ? edit as Edited : undefined
  } catch {
    return undefined
  }
}
