import type { Carriage } from '../utils/carriage/carriage'
import { createCarriedWire } from '../utils/carried-wire'
import type { HttpAccess } from '../utils/http-wire'
import { createSseWire } from '../utils/sse-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export interface UseSseChatOptions extends LifecycleOptions, HttpAccess {
  /** Reads for all tabs of this browser. @default this tab reads alone */
  carriage?: Carriage
}

export type UseSseChatReturn = ChatLine

/** A connection over server-sent events down and requests up: what passes where a WebSocket does not. */
export function useSseChat(options: UseSseChatOptions): UseSseChatReturn {
  const { carriage } = options
  return useConnectionLifecycle(carriage ? createCarriedWire(options, 'sse', carriage) : createSseWire(options), options)
}
