import type { Carriage } from '../utils/carriage/carriage'
import type { HttpAccess } from '../utils/http-wire'
import { lateWire } from '../utils/late-wire'
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
    if (!carriage) return (await import('../utils/polling-wire')).createPollingWire(options)
    const [{ createCarriedWire }, shared] = await Promise.all([import('../utils/carried-wire'), carriage()])
    return createCarriedWire(options, 'polling', shared)
  })
  return useConnectionLifecycle(open, options)
}
