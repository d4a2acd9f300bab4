import { createRoomIndex } from '../../server/ai/built-in/room-index'
import type { RoomIndex } from '../../server/ai/built-in/room-index'
import type { RoomReader } from '../../server/ai/built-in/types'
import type { Message } from '../../shared/protocol/frames'

/** A message of a hand-made room: who, minutes after the room's start, what, and what belongs to it. */
export interface Said {
  by: string
  at: number
  text: string
  /** The place of the message it answers, counted from 1. */
  to?: number
  bot?: boolean
  reactions?: Record<string, string[]>
}

/** A Saturday, 09:00 UTC. */
export const START = Date.parse('2026-11-21T09:00:00.000Z')
export const at = (minutes: number) => START + minutes * 60_000

/** Messages as the log gives them, their `seq` counted from 1. */
export function messagesOf(said: readonly Said[], room = 'plan'): Message[] {
  return said.map(({ by, at: minutes, text, to, bot, reactions }, index) => ({
    type: 'message.new',
    room,
    seq: index + 1,
    messageId: `m${index + 1}`,
    userId: by.toLowerCase(),
    userName: by,
    content: { text, type: bot ? 'assistant' : 'user', actor_type: bot ? 'bot' : 'client', format: 'markdown' },
    ...(to !== undefined && { in_reply_to: `m${to}` }),
    ...(reactions && { reactions }),
    timestamp: new Date(at(minutes)).toISOString(),
    metadata: {},
  }))
}

/** Reads messages back as the log does. */
export function readerOf(messages: readonly Message[]): RoomReader {
  return {
    before: async (beforeSeq, limit) => {
      const older = messages.filter(({ seq }) => seq < beforeSeq).reverse()
      return { messages: older.slice(0, limit), more: older.length > limit }
    },
  }
}

/** A room that was read. */
export async function roomOf(said: readonly Said[], room = 'plan'): Promise<RoomIndex> {
  const index = createRoomIndex(room, readerOf(messagesOf(said, room)))
  await index.load()
  return index
}
