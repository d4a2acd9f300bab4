import type { ComputedRef } from 'vue'
import { computed } from 'vue'
import { useRequestHeader, useState } from '#imports'
import { useSessionStore } from '../stores/session'
import { createApi } from '../utils/api'
import { useText } from './useText'
import { moveKept } from '../utils/kept'
import { whoIsHere } from '../utils/learn-session'

/** Drafts go along to who one is now. Nothing is kept where the browser forbids it. */
function handOver(from: string, to: string) {
  try {
    if (from !== to) moveKept(localStorage, from, to)
  } catch {
    // Then there is nothing to hand over.
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
      mark(null)
      // Who gives the same name on the page that has just lost its session is the one who wrote there.
      if (before?.name === user.name) handOver(before.id, user.id)
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
