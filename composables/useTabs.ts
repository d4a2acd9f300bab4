import type { TabChannel } from '../utils/tab-channel'
import { useChat } from './useChat'

/** The other tabs of this browser profile. */
export function useTabs(): TabChannel {
  return useChat().tabs
}
