import { effectScope } from 'vue'
import { defineNuxtPlugin } from '#imports'
import { createChat } from '~/composables/useChat'
import { createApi } from '~/utils/api'
import { claimPeerKey } from '~/utils/peer-key'
import { safeStorage } from '~/utils/storage'

/** One socket per tab: made with the app, opened by the first room. */
export default defineNuxtPlugin(() => {
  const storage = safeStorage('session')
  let key: Promise<string> | undefined
  const peerKey = () => key ??= claimPeerKey({
    storage,
    locks: navigator.locks,
    channel: typeof BroadcastChannel === 'undefined' ? undefined : name => new BroadcastChannel(name),
  })
  const url = `${location.origin.replace(/^http/, 'ws')}/api/chat.ws`
  const chat = effectScope(true).run(() => createChat({ api: createApi($fetch), url, peerKey, storage }))
  return { provide: { chat } }
})
