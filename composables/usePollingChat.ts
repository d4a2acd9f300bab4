import type { Carriage } from '../utils/carriage/carriage'
import { createCarriedWire } from '../utils/carried-wire'
import type { HttpAccess } from '../utils/http-wire'
import { createPollingWire } from '../utils/polling-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export interface UsePollingChatOptions extends LifecycleOptions, HttpAccess {
  /** Reads for all tabs of this browser. @default this tab reads alone */
  carriage?: Carriage
}

export type UsePollingChatReturn = ChatLine

/** A connection over requests alone: what passes where nothing may stay open for long. */
export function usePollingChat(options: UsePollingChatOptions): UsePollingChatReturn {
  const { carriage } = options
  return useConnectionLifecycle(carriage ? createCarriedWire(options, 'polling', carriage) : createPollingWire(options), options)
}
