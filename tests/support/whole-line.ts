import { effectScope, watch } from 'vue'
import type { ChatConnection } from '../../utils/connection/chat-connection'
import type { ChatLine, LifecycleOptions } from '../../composables/connection/useConnectionLifecycle'
import { createHandlers } from '../../utils/connection/handlers'
import { createRequests } from '../../utils/connection/requests'

/** One line with what else a connection has: requests with their replies, and those who listen. */
export type WholeLine = ChatLine & Pick<ChatConnection, 'request' | 'flush' | 'on'>

/**
 * Makes a line and puts on it what a connection puts on all of its lines.
 *
 * @param make opens it
 * @param limit how many requests may wait
 */
export function wholeLine(make: (options: LifecycleOptions) => ChatLine, limit?: number): WholeLine {
  const handlers = createHandlers()
  const scope = effectScope()
  const line = scope.run(() => make({
    onFrame(frame) {
      if ((frame.type === 'ack' || frame.type === 'error') && requests.reply(frame)) return
      handlers.emit(frame)
    },
  }))!
  const requests = createRequests({ transmit: line.send, limit })
  scope.run(() => watch(line.status, status => ['waiting', 'closed'].includes(status) && requests.cut(), { flush: 'sync' }))
  return {
    ...line,
    request: requests.request,
    flush: requests.flush,
    on: handlers.on,
    disconnect() {
      line.disconnect()
      requests.drop()
    },
  }
}
