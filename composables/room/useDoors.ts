import { useDoorsStore } from '../../stores/doors'
import type { ChatConnection } from '../../utils/connection/chat-connection'

export interface UseDoorsOptions {
  socket: Pick<ChatConnection, 'request' | 'on'>
  /** Joins a room that was entered and refused. */
  join: (room: string) => void
}

export interface UseDoorsReturn {
  /** Asks to be let into a locked room, until answered or taken back. @throws ChatError when it is refused */
  knock: (room: string) => Promise<void>
  /** Lets somebody in, or turns them away. @throws ChatError when it is refused */
  answer: (room: string, userId: string, admit: boolean) => Promise<void>
  /** Knocks again where we knocked: a new connection is not known at the door. */
  renew: () => void
  /** The room is left. */
  leave: (room: string) => void
}

/** Knocking at locked rooms, and letting in who knocks (ACC-5). */
export function useDoors({ socket, join }: UseDoorsOptions): UseDoorsReturn {
  const store = useDoorsStore()

  socket.on('knock', ({ room, userId, userName }) => store.knocked(room, { userId, userName }))
  socket.on('knock.answered', ({ room, userId, admitted }) => {
    if (userId !== undefined) return store.answered(room, userId)
    store.stands(room, admitted ? undefined : 'turned-away')
    if (admitted) join(room)
  })
  // Who knocks is told after it.
  socket.on('room.state', ({ room }) => store.cleared(room))

  async function knock(room: string) {
    store.stands(room, 'knocking')
    try {
      await socket.request({ type: 'knock', room })
    } catch (error) {
      // Opened, or ours, in the meantime.
      if ((error as { code?: string }).code === 'conflict') {
        store.stands(room, undefined)
        return join(room)
      }
      store.stands(room, 'turned-away')
      throw error
    }
  }

  return {
    knock,
    async answer(room, userId, admit) {
      await socket.request({ type: 'knock-answer', room, userId, admit })
      store.answered(room, userId)
    },
    renew() {
      for (const [room, how] of Object.entries(store.ours)) if (how === 'knocking') knock(room).catch(() => undefined)
    },
    leave(room) {
      store.cleared(room)
      store.stands(room, undefined)
    },
  }
}
