import { LIMITS } from '#shared/protocol/limits'
import type { Fact } from './bus/facts'
import type { RealtimeContext } from './context'
import { announcePresence } from './handlers/ephemeral'

/**
 * What this node makes of what another one says of itself: who is in its rooms, who has a place in a call, who knocks.
 *
 * @param died the node is gone, and took nothing back: its people have the time to come back that everybody has whose connection is cut
 */
export function hearFact(context: RealtimeContext, node: string, fact: Fact, died: boolean): void {
  const { presence, calls, knocks, elsewhere, hub, now } = context
  const [roomId = '', id = ''] = fact.key.split('\n')
  if (fact.topic === 'present') {
    if (died) return presence.orphaned(node, roomId, id, now())
    const change = presence.hear(node, roomId, id, fact.value, now())
    const room = hub.room(roomId)
    if (room) announcePresence(context, room.name, change)
  }
  if (fact.topic === 'place') {
    if (died) calls.orphaned(node, roomId, id, now() + LIMITS.mediaMemoryMs)
    else calls.hear(node, roomId, id, fact.value)
  }
  if (fact.topic === 'knock') {
    if (died) knocks.orphaned(node, roomId, id)
    else knocks.hear(node, roomId, id, fact.value)
  }
  if (fact.topic === 'connections') elsewhere.hear(node, fact.key, fact.value)
}
