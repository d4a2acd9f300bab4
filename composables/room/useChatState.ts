import type { ComputedRef } from 'vue'
import { computed } from 'vue'
import type { Member } from '#shared/protocol/frames'
import { useConnectionStore } from '../../stores/connection'
import { useOutboxStore } from '../../stores/outbox'
import { useRoomsStore } from '../../stores/rooms'
import { useSessionStore } from '../../stores/session'
import { useWishesStore } from '../../stores/wishes'
import type { PendingEdit, PendingDelete, PendingMessage } from '../../utils/outbox/outbox-item'
import { isShown } from '../../utils/outbox/outbox-message'
import { withChanges } from '../../utils/outbox/outbox-overlay'
import type { RoomView } from '../../utils/room/room-view'
import { emptyRoom } from '../../utils/room/room-view'
import { withSwitches } from '../../utils/room/room-wishes'
import { roomNames } from '../chat/useNames'

export interface UseChatStateReturn {
  /** The room as it stands, with what this person wished of its messages. An empty one until the first frames. */
  view: ComputedRef<RoomView>
  /** Our messages the log has not shown yet. */
  pending: ComputedRef<readonly PendingMessage[]>
  /** Our edits and deletions the server refused, until something is done about them. */
  refused: ComputedRef<readonly (PendingEdit | PendingDelete)[]>
  userId: ComputedRef<string | undefined>
  /** Members with at least one tab in the call. */
  inCall: ComputedRef<readonly Member[]>
  /** Others who type, people of the same name told apart. */
  typing: ComputedRef<readonly string[]>
  isConnected: ComputedRef<boolean>
  /** Whether the server lets us do a thing here: 'chat', 'edit-any', 'delete-any', 'clear', 'moderate', 'lock', 'rename', 'list'. */
  can: (what: string) => boolean
}

/** A read-only view of one room for components. */
export function useChatState(room: string): UseChatStateReturn {
  const rooms = useRoomsStore()
  const session = useSessionStore()
  const outbox = useOutboxStore()
  const connection = useConnectionStore()
  const wishes = useWishesStore()
  const nothing = emptyRoom(room)
  const items = computed(() => outbox.pending.filter(item => item.room === room))
  const messages = computed(() => withChanges(rooms.view(room)?.messages ?? nothing.messages, items.value))
  const view = computed(() => {
    const known = withSwitches(rooms.view(room) ?? nothing, wishes.wished)
    return messages.value === known.messages ? known : { ...known, messages: messages.value }
  })
  const userId = computed(() => session.user?.id)
  const called = roomNames(() => view.value)
  return {
    view,
    userId,
    pending: computed(() => items.value.filter((item): item is PendingMessage => item.kind === 'message' && isShown(item))),
    refused: computed(() => items.value.filter((item): item is PendingEdit | PendingDelete => (item.kind === 'edit' || item.kind === 'delete') && item.state === 'failed')),
    inCall: computed(() => view.value.members.filter(member => member.peers.some(peer => peer.media?.in_call))),
    typing: computed(() => view.value.typing.filter(person => person.userId !== userId.value).map(person => called.value(person.userId, person.name))),
    isConnected: computed(() => connection.isConnected),
    can: what => view.value.you.can.includes(what),
  }
}
