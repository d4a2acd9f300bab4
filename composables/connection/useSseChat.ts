import type { Carriage } from '../../utils/connection/carriage/carriage'
import type { HttpAccess } from '../../utils/connection/http-wire'
import { lateWire } from '../../utils/connection/late-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export interface UseSseChatOptions extends LifecycleOptions, HttpAccess {
  /** Reads for all tabs of this browser. @default this tab reads alone */
  carriage?: () => Promise<Carriage>
}

export type UseSseChatReturn = ChatLine

/** A connection over server-sent events down and requests up: what passes where a WebSocket does not. */
export function useSseChat(options: UseSseChatOptions): UseSseChatReturn {
  const { carriage } = options
  const open = lateWire(async () => {
    if (!carriage) return (await import('../../utils/connection/sse-wire')).createSseWire(options)
    const [{ createCarriedWire }, shared] = await Promise.all([import('../../utils/connection/carried-wire'), carriage()])
    return createCarriedWire(options, 'sse', shared)
  })
  return useConnectionLifecycle(open, options)
}
