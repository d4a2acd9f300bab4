import { useWebSocket } from '@vueuse/core'
import { shallowRef } from 'vue'
import type { OpenWire, WireEvents } from '../../utils/connection/wire'
import { parseFrame } from '../../utils/connection/wire'
import type { ChatLine, LifecycleOptions } from './useConnectionLifecycle'
import { useConnectionLifecycle } from './useConnectionLifecycle'

export interface UseWebSocketChatOptions extends LifecycleOptions {
  /** The address to open, asked anew for each try. */
  url: () => string
}

export type UseWebSocketChatReturn = ChatLine

/**
 * A connection over a WebSocket. VueUse owns the socket; retries are ours, because it knows neither jitter nor final
 * close codes.
 */
export function useWebSocketChat({ url, ...options }: UseWebSocketChatOptions): UseWebSocketChatReturn {
  return useConnectionLifecycle(useSocketWire(url), options)
}

function useSocketWire(url: () => string): OpenWire {
  const address = shallowRef<string>()
  let current: WireEvents | undefined
  const socket = useWebSocket(address, {
    immediate: false,
    autoConnect: false,
    autoClose: false,
    autoReconnect: false,
    onMessage: (ws, event) => {
      // A superseded socket can still deliver what it had.
      if (ws !== socket.ws.value || typeof event.data !== 'string') return
      const frame = parseFrame(event.data)
      if (frame) current?.frame(frame, event.data.length)
    },
    onDisconnected: (ws, event) => {
      if (ws === socket.ws.value) current?.closed({ code: event.code, reason: event.reason })
    },
  })
  return (events) => {
    current = events
    address.value = url()
    socket.open()
    return {
      send: text => socket.send(text, false),
      unsent: () => socket.ws.value?.bufferedAmount ?? 0,
      close() {
        if (current !== events) return
        current = undefined
        socket.close()
      },
    }
  }
}
