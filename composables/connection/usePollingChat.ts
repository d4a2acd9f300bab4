import type { Carriage } from '../../utils/connection/carriage/carriage'
import type { HttpAccess } from '../../utils/connection/http-wire'
import { lateWire } from '../../utils/connection/late-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export interface UsePollingChatOptions extends LifecycleOptions, HttpAccess {
  /** Reads for all tabs of this browser. @default this tab reads alone */
  carriage?: () => Promise<Carriage>
}

export type UsePollingChatReturn = ChatLine

/** A connection over requests alone: what passes where nothing may stay open for long. */
export function usePollingChat(options: UsePollingChatOptions): UsePollingChatReturn {
  const { carriage } = options
  const open = lateWire(async () => {
    if (!carriage) return (await import('../../utils/connection/polling-wire')).createPollingWire(options)
    const [{ createCarriedWire }, shared] = await Promise.all([import('../../utils/connection/carried-wire'), carriage()])
    return createCarriedWire(options, 'polling', shared)
  })
  return useConnectionLifecycle(open, options)
}
