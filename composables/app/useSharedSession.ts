import { onScopeDispose, watch } from 'vue'
import type { User } from '#shared/protocol/frames'
import type { useSessionStore } from '../../stores/session'
import type { Api } from '../../utils/app/api'
import type { ChatError } from '../../utils/connection/chat-error'
import type { TabChannel } from '../../utils/app/tab-channel'

export interface UseSharedSessionOptions {
  session: ReturnType<typeof useSessionStore>
  api: Pick<Api, 'session'>
  tabs: Pick<TabChannel, 'on' | 'post'>
  /** This browser is somebody else to the server, or has another name. */
  onOther: () => void
}

/** Keeps all tabs the same person: they share one cookie, so what one of them does to it is true for all (J5). */
export function useSharedSession({ session, api, tabs, onOther }: UseSharedSessionOptions): void {
  const isSame = (user: User | null | undefined, id: string | null, name: string) => (user?.id ?? null) === id && (user?.name ?? '') === name

  function tell() {
    if (session.user !== undefined) tabs.post({ type: 'session', userId: session.user?.id ?? null, name: session.user?.name ?? '' })
  }

  watch(() => session.user, (now, before) => {
    if (before === undefined || !isSame(before, now?.id ?? null, now?.name ?? '')) tell()
  })
  onScopeDispose(tabs.on('session', async ({ userId, name }) => {
    if (session.user === undefined || isSame(session.user, userId, name)) return
    try {
      // What another tab says is a hint; the cookie is the truth.
      const user = await api.session()
      if (isSame(session.user, user.id, user.name)) return
      session.signedIn(user)
      onOther()
    } catch (error) {
      if ((error as ChatError).code === 'unauthorized') session.signedOut()
    }
  }))
  tell()
}
