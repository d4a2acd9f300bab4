import type { ComputedRef } from 'vue'
import { computed, shallowRef } from 'vue'
import type { KeyValue } from '../../utils/app/storage'
import type { ChosenBy, TransportChoice } from '../../utils/connection/transport-choice'
import { asChoice, chosen } from '../../utils/connection/transport-choice'

export interface UseTransportChoiceOptions {
  /** Asks the server for its flag. */
  ask: () => Promise<{ transport: TransportChoice }>
  /** The flag, where the page already brought it. */
  flag?: TransportChoice
  /** What the address asks for. */
  query?: TransportChoice
  /** Where a tester's setting is kept. */
  storage: KeyValue
}

export interface UseTransportChoiceReturn {
  /** What may carry the connection, and who decided it (FLAG-1). */
  chosen: ComputedRef<{ choice: TransportChoice, by: ChosenBy }>
  /** The tester's setting in this browser, if there is one. */
  tester: ComputedRef<TransportChoice | undefined>
  /** Keeps a tester's setting in this browser, or forgets it. */
  setTester: (choice: TransportChoice | undefined) => void
  /** The server said what its flag is now. */
  flagged: (choice: TransportChoice) => void
  /** Asks the server for its flag. Settles to whether it answered at all. */
  refresh: () => Promise<boolean>
  /** Settles once a flag is known, or when the server takes too long to say one. */
  ready: () => Promise<void>
}

const STORAGE_KEY = 'lastra:transport'
const READY_MS = 1_500

/** Brings together what the address, a tester and the server want to carry the connection. */
export function useTransportChoice({ ask, flag, query, storage }: UseTransportChoiceOptions): UseTransportChoiceReturn {
  const server = shallowRef(flag)
  const tester = shallowRef(asChoice(storage.getItem(STORAGE_KEY)))

  async function refresh(): Promise<boolean> {
    try {
      server.value = asChoice((await ask()).transport) ?? server.value
      return true
    } catch (error) {
      // A server that says no is there.
      return (error as { code?: string }).code !== 'unavailable'
    }
  }

  return {
    chosen: computed(() => chosen({ query, tester: tester.value, flag: server.value ?? 'auto' })),
    tester: computed(() => tester.value),
    setTester(choice) {
      tester.value = choice
      if (choice) storage.setItem(STORAGE_KEY, choice)
      else storage.removeItem(STORAGE_KEY)
    },
    flagged: choice => void (server.value = choice),
    refresh,
    async ready() {
      if (server.value || query || tester.value) return
      let timer: ReturnType<typeof setTimeout> | undefined
      await Promise.race([refresh(), new Promise(resolve => timer = setTimeout(resolve, READY_MS))])
      clearTimeout(timer)
    },
  }
}
