import { effectScope } from 'vue'
import { defineNuxtPlugin } from '#imports'
import { createChat } from '~/composables/useChat'
import { createApi } from '~/utils/api'
import { createExclusive } from '~/utils/exclusive'
import { createHeldPlace } from '~/utils/held-place'
import { createNetworkSimulation } from '~/utils/network-simulation'
import { openIdbOutbox } from '~/utils/outbox-idb'
import { sureOutbox } from '~/utils/outbox-storage'
import { claimPeerKey } from '~/utils/peer-key'
import { orNothing, safeStorage } from '~/utils/storage'
import { createTabChannel } from '~/utils/tab-channel'
import { asChoice } from '~/utils/transport-choice'

/** One connection per tab: made with the app, opened by the first room. */
export default defineNuxtPlugin(() => {
  // Locks and databases are given to secure pages only, whatever the types say.
  const locks = orNothing(() => navigator.locks as LockManager | undefined)
  const probe = orNothing(() => new BroadcastChannel('lastra:probe'))
  probe?.close()
  const channel = probe && ((name: string) => new BroadcastChannel(name))
  let key: Promise<string> | undefined
  const peerKey = () => key ??= claimPeerKey({ storage: safeStorage('session'), locks, channel })
  const simulation = createNetworkSimulation()
  const chat = effectScope(true).run(() => createChat({
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
  }))
  return { provide: { chat } }
})
