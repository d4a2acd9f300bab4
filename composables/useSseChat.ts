import type { HttpAccess } from '../utils/http-wire'
import { createSseWire } from '../utils/sse-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export type UseSseChatOptions = LifecycleOptions & HttpAccess
export type UseSseChatReturn = ChatLine

/** A connection over server-sent events down and requests up: what passes where a WebSocket does not. */
export function useSseChat(options: UseSseChatOptions): UseSseChatReturn {
  return useConnectionLifecycle(createSseWire(options), options)
}
