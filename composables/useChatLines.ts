import type { Carriage, CarriageOptions } from '../utils/carriage/carriage'
import { createCarriage } from '../utils/carriage/carriage'
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
  /** The other tabs, to read together with over HTTP. @default this tab reads alone */
  together?: Pick<CarriageOptions, 'tab' | 'channel' | 'gone' | 'place'>
}

/** Makes connections to one server over any transport, all of them the same peer (CON-8). */
export function createChatLines(options: ChatLinesOptions): (transport: TransportName, lifecycle: LifecycleOptions) => ChatLine {
  const { wrap, together, ...access } = options
  const carriages = new Map<TransportName, Carriage>()

  function carriage(transport: 'sse' | 'polling'): Carriage | undefined {
    if (together && !carriages.has(transport)) carriages.set(transport, createCarriage({ transport, access, ...together }))
    return carriages.get(transport)
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
