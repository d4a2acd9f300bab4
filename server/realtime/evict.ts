import { ProtocolError } from '#shared/protocol/errors'
import { errorFrame } from './connection'
import type { RealtimeContext } from './context'

/** Takes everyone who listens here out of a room that is gone, and says so. */
export function evictAll(context: RealtimeContext, roomId: string): void {
  for (const [connection, { room }] of [...context.hub.listeners(roomId)]) {
    connection.send(errorFrame(new ProtocolError('not_found', 'room: does not exist any more'), { room: room.name }))
    context.leave(connection, room.name, 0)
  }
}
