import type { TabChannel } from '../../utils/app/tab-channel'
import { useChat } from '../room/useChat'

/** The other tabs of this browser profile. */
export function useTabs(): TabChannel {
  return useChat().tabs
}
