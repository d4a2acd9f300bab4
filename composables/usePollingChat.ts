import type { HttpAccess } from '../utils/http-wire'
import { createPollingWire } from '../utils/polling-wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export type UsePollingChatOptions = LifecycleOptions & HttpAccess
export type UsePollingChatReturn = ChatLine

/** A connection over requests alone: what passes where nothing may stay open for long. */
export function usePollingChat(options: UsePollingChatOptions): UsePollingChatReturn {
  return useConnectionLifecycle(createPollingWire(options), options)
}
