import { effectScope } from 'vue'
import type { NuxtApp } from '#app'
import type { Chat } from '../../composables/room/useChat'
import { createChat } from '../../composables/room/useChat'
import { createApi } from './api'
import { createExclusive } from './exclusive'
import { createHeldPlace } from '../connection/held-place'
import { createNetworkSimulation } from '../connection/network-simulation'
import { openIdbOutbox } from '../outbox/outbox-idb'
import { sureOutbox } from '../outbox/outbox-storage'
import { claimPeerKey } from '../connection/peer-key'
import { orNothing, safeStorage } from './storage'
import { createTabChannel } from './tab-channel'
import { asChoice } from '../connection/transport-choice'

/**
 * Makes this tab's one chat, once, as `$chat`: a page without a room is of use before it loads any of it. Called by nobody's setup, so
 * that it outlives every component; the first room opens its connection.
 */
export function startChat(nuxtApp: Pick<NuxtApp, 'vueApp' | 'provide'> & { $chat?: unknown }): void {
  if (nuxtApp.$chat) return
  const chat = nuxtApp.vueApp.runWithContext(makeChat)
  nuxtApp.provide('chat', chat)
}

function makeChat(): Chat {
  // Locks and databases are given to secure pages only, whatever the types say.
  const locks = orNothing(() => navigator.locks as LockManager | undefined)
  const probe = orNothing(() => new BroadcastChannel('lastra:probe'))
  probe?.close()
  const channel = probe && ((name: string) => new BroadcastChannel(name))
  let key: Promise<string> | undefined
  const peerKey = () => key ??= claimPeerKey({ storage: safeStorage('session'), locks, channel })
  const simulation = createNetworkSimulation()
  return effectScope(true).run(() => createChat({
    api: createApi(simulation.request((path, options) => $fetch(path, options))),
    origin: location.origin,
    peerKey,
    storage: sureOutbox(openIdbOutbox),
    tabs: createTabChannel({ open: channel, locks }),
    together: { channel, place: createHeldPlace('line', locks) },
    exclusive: createExclusive(locks),
    settings: safeStorage('local'),
    query: asChoice(new URLSearchParams(location.search).get('transport')),
    simulation,
  }))!
}
