import type { User } from '#shared/protocol/frames'
import type { useSessionStore } from '../../stores/session'
import type { Api } from './api'
import type { ChatError } from '../connection/chat-error'

/** Who is here to the server, and null for nobody. @throws ChatError when it does not say: that is not nobody */
export function whoIsHere(api: Pick<Api, 'session'>): Promise<User | null> {
  return api.session().catch((error: ChatError) => {
    if (error.code === 'unauthorized') return null
    throw error
  })
}

/** Asks the server who is here, and keeps the answer; one that did not come leaves it open. */
export async function learnSession(api: Pick<Api, 'session'>, session: ReturnType<typeof useSessionStore>): Promise<void> {
  await whoIsHere(api).then(user => user ? session.signedIn(user) : session.signedOut(), () => undefined)
}
