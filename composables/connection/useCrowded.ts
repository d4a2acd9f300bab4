import type { Ref } from 'vue'
import { watch } from 'vue'
import { CLOSE } from '#shared/protocol/limits'
import { BROKEN } from '../../utils/connection/wire'
import type { CloseReason, ConnectionStatus } from './useConnectionLifecycle'

export interface UseCrowdedOptions {
  status: Readonly<Ref<ConnectionStatus>>
  error: Readonly<Ref<CloseReason | undefined>>
  /** Asks the server whether it has no place for one more connection (CON-6). */
  isFull: () => Promise<boolean>
  /** Told when this tab waits for a place, and when it does not any more. */
  onChange: (crowded: boolean) => void
}

/** Knows whether a tab has no connection because there are too many already: a refused WebSocket looks like a broken one. */
export function useCrowded({ status, error, isFull, onChange }: UseCrowdedOptions): void {
  watch(status, async (now) => {
    if (now === 'connected' || now === 'idle') return onChange(false)
    if (now !== 'waiting') return
    const code = error.value?.code
    const crowded = code === CLOSE.tooMany || (code === BROKEN && await isFull())
    if (status.value === 'waiting' || status.value === 'connecting') onChange(crowded)
  }, { flush: 'sync' })
}
