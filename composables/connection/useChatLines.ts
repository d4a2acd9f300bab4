import type { Carriage, CarriageOptions } from '../../utils/connection/carriage/carriage'
import type { HttpAccess } from '../../utils/connection/http-wire'
import type { OpenWire, TransportName } from '../../utils/connection/wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { usePollingChat } from './usePollingChat'
import { useSseChat } from './useSseChat'
import { useWebSocketChat } from './useWebSocketChat'

export interface ChatLinesOptions extends HttpAccess {
  /** Where the server is, without a path. */
  origin: string
  /** Puts something between a line and its wire, such as a bad network. */
  wrap?: (transport: TransportName, open: OpenWire) => OpenWire
  /** The other tabs, to read together with over HTTP. @default this tab reads alone */
  together?: Pick<CarriageOptions, 'tab' | 'channel' | 'gone' | 'place'>
}

/** Makes connections to one server over any transport, all of them the same peer (CON-8). */
export function createChatLines(options: ChatLinesOptions): (transport: TransportName, lifecycle: LifecycleOptions) => ChatLine {
  const { wrap, together, ...access } = options
  const carriages = new Map<TransportName, Carriage>()

  /** What reads for all tabs over a transport. Its code comes with the first line that needs it. */
  function carriage(transport: 'sse' | 'polling'): (() => Promise<Carriage>) | undefined {
    return together && (async () => {
      const { createCarriage } = await import('../../utils/connection/carriage/carriage')
      const known = carriages.get(transport) ?? createCarriage({ transport, access, ...together })
      carriages.set(transport, known)
      return known
    })
  }

  return (transport, lifecycle) => {
    const all = { ...lifecycle, wrap: wrap && ((open: OpenWire) => wrap(transport, open)) }
    switch (transport) {
      case 'websocket': return useWebSocketChat({ ...all, url: () => socketUrl(options) })
      case 'sse': return useSseChat({ ...all, ...access, carriage: carriage('sse') })
      case 'polling': return usePollingChat({ ...all, ...access, carriage: carriage('polling') })
    }
  }
}

function socketUrl({ origin, peerKey }: ChatLinesOptions): string {
  const key = peerKey()
  return `${origin.replace(/^http/, 'ws')}/api/chat.ws${key === undefined ? '' : `?peer_key=${encodeURIComponent(key)}`}`
}
