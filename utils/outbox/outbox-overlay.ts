import type { OutboxItem, PendingChange } from './outbox-item'
import { deletedMessage, reacted } from '#shared/log/reduce'
import type { RoomMessage } from '../room/room-view'

/**
 * The messages of a room as their reader wished them: what is on its way to the server is shown at once (A7), marked as
 * waiting. Gives the very same list where nothing waits.
 */
export function withChanges(messages: readonly RoomMessage[], items: readonly OutboxItem[]): readonly RoomMessage[] {
  const changes = items.filter((item): item is PendingChange => item.kind !== 'message' && item.state !== 'failed')
  if (changes.length === 0) return messages
  const next = [...messages]
  for (const change of changes) {
    const at = next.findLastIndex(message => message.messageId === change.messageId)
    const message = next[at]
    if (message && !message.deleted) next[at] = changed(message, change)
  }
  return next
}

function changed(message: RoomMessage, change: PendingChange): RoomMessage {
  const waiting = change.state === 'sending' || message.waiting
  switch (change.kind) {
    case 'edit': return { ...message, waiting, content: { ...message.content, text: change.text }, edited: change.timestamp }
    case 'delete': return { ...deletedMessage(message), waiting }
    case 'reaction': return { ...message, waiting, reactions: reacted(message.reactions, change) }
  }
}
