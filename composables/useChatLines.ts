import type { HttpAccess } from '../utils/http-wire'
import type { OpenWire, TransportName } from '../utils/wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { usePollingChat } from './usePollingChat'
import { useSseChat } from './useSseChat'
import { useWebSocketChat } from './useWebSocketChat'

export interface ChatLinesOptions extends HttpAccess {
  /** Where the server is, without a path. */
  origin: string
  /** Puts something between a line and its wire, such as a bad network. */
  wrap?: (transport: TransportName, open: OpenWire) => OpenWire
}

/** Makes connections to one server over any transport, all of them the same peer (CON-8). */
export function createChatLines(options: ChatLinesOptions): (transport: TransportName, lifecycle: LifecycleOptions) => ChatLine {
  const { wrap, ...access } = options
  return (transport, lifecycle) => {
    const all = { ...lifecycle, wrap: wrap && ((open: OpenWire) => wrap(transport, open)) }
    switch (transport) {
      case 'websocket': return useWebSocketChat({ ...all, url: () => socketUrl(options) })
      case 'sse': return useSseChat({ ...all, ...access })
      case 'polling': return usePollingChat({ ...all, ...access })
    }
  }
}

function socketUrl({ origin, peerKey }: ChatLinesOptions): string {
  const key = peerKey()
  return `${origin.replace(/^http/, 'ws')}/api/chat.ws${key === undefined ? '' : `?peer_key=${encodeURIComponent(key)}`}`
}
