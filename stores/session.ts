import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { User } from '#shared/protocol/frames'

/** Who this browser is to the server. Undefined: not asked yet; null: nobody. */
export const useSessionStore = defineStore('session', () => {
  const user = shallowRef<User | null>()
  /** Whether they keep the personas. */
  const isOperator = computed(() => user.value?.role === 'operator' || user.value?.role === 'admin')

  /** Who this was when the session ran out, until somebody comes in. */
  const ended = shallowRef<User>()

  /** The server said who we are. */
  function signedIn(next: User) {
    user.value = next
    ended.value = undefined
  }

  /** The session ran out while one was here: nobody wished to leave. */
  function ranOut() {
    ended.value = user.value ?? ended.value
    user.value = null
  }

  /** There is no session, or it ended. */
  function signedOut() {
    user.value = null
  }

  return { user, ended, isOperator, signedIn, signedOut, ranOut }
})
