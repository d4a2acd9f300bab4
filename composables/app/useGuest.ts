import type { ComputedRef } from 'vue'
import { computed } from 'vue'
import { useNuxtApp, useRequestHeader, useState } from '#imports'
import { useSessionStore } from '../../stores/session'
import { createApi } from '../../utils/app/api'
import { useText } from './useText'
import { moveKept, readKept, writeKept } from '../../utils/app/kept'
import { whoIsHere } from '../../utils/app/learn-session'
import { canKeep, safeStorage } from '../../utils/app/storage'
import type { Chat } from '../room/useChat'

/**
 * Drafts go along to who one is now, and what waited to be sent is a draft again: the old name's it can be no more, and nothing is
 * sent in a new one's unasked. Nothing is kept where the browser forbids it.
 */
async function handOver(from: string, to: string, chat?: Pick<Chat, 'outbox'>) {
  if (from === to) return
  try {
    moveKept(localStorage, from, to)
  } catch {
    // Then there is nothing to hand over.
  }
  const storage = safeStorage('local')
  for (const { room, text } of await chat?.outbox.release(from) ?? []) {
    const before = readKept(storage, 'draft', to, room)
    writeKept(storage, 'draft', to, room, before ? `${before}\n${text}` : text)
  }
}

export interface UseGuestReturn {
  /** Whether there is somebody, under a name they gave. */
  isNamed: ComputedRef<boolean>
  /** Comes in under a name: as a new guest, or as the one that is here without having given one. */
  enter: (name: string) => Promise<void>
  /** Sees to it that there is somebody, for what needs no name: a new guest where there is nobody. */
  ensure: (placeholder: string) => Promise<void>
}

const KEPT_S = 30 * 86_400

/** By hand, because the page of every room carries it. */
function unnamedIn(cookies: string): string | null {
  return /(?:^|; )lastra_unnamed=([\w-]+)/.exec(cookies)?.[1] ?? null
}

/**
 * Who is behind the browser, before and after they gave a name. One who only asked for help is a guest already, and is still
 * asked for a name at the door of a room; a cookie remembers that, because the server renders that door.
 */
export function useGuest(): UseGuestReturn {
  const session = useSessionStore()
  const unnamed = useState<string | null>('unnamed', () => unnamedIn(import.meta.server ? useRequestHeader('cookie') ?? '' : document.cookie))
  const api = () => createApi($fetch)
  const app = useNuxtApp()

  /** Who is here, asked where it is still open: a new guest would take the place of somebody the server could not name. */
  const present = async () => session.user === undefined ? whoIsHere(api()) : session.user

  function mark(id: string | null) {
    unnamed.value = id
    document.cookie = `lastra_unnamed=${id ?? ''}; path=/; samesite=lax; max-age=${id === null ? 0 : KEPT_S}`
  }

  return {
    isNamed: computed(() => !!session.user && session.user.id !== unnamed.value),
    async enter(name) {
      if (navigator.cookieEnabled === false) throw new Error(useText().storage.noCookies)
      const before = session.ended
      const user = await present() ? await api().rename(name) : await api().signIn(name)
      // Where a browser keeps nothing it may say that it takes cookies, and drop them.
      if (!canKeep() && !await whoIsHere(api())) throw new Error(useText().storage.noCookies)
      mark(null)
      // Who gives the same name on the page that has just lost its session is the one who wrote there.
      if (before?.name === user.name) await handOver(before.id, user.id, app.$chat as Chat | undefined)
      session.signedIn(user)
    },
    async ensure(placeholder) {
      if (session.user) return
      const here = await present()
      const user = here ?? await api().signIn(placeholder)
      if (!here) mark(user.id)
      session.signedIn(user)
    },
  }
}
