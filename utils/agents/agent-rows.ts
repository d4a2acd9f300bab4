import type { AgentAnswer } from './agent-answer'
import { answerAsMessage } from './agent-answer'
import { streamOf } from '../chat/answers'
import type { RoomMessage } from '../room/room-view'
import { serverNow } from '../connection/server-clock'
import { dayName } from '../app/time'

/** A message of a session as it is shown. */
export interface AgentRow {
  /** The same for a message on its way and once it is stored, so that its row stays in place. */
  readonly key: string
  readonly message: RoomMessage
  /** It is being written. */
  readonly live: boolean
  /** The log does not show it yet. */
  readonly unsure: boolean
  /** The day, where it is another than that of the row above. */
  readonly day?: string
}

export interface AgentRowsInput {
  messages: readonly RoomMessage[]
  pending?: { text: string, clientMsgId: string, timestamp: string }
  answer?: AgentAnswer
  room: string
  agent: { slug: string, name: string }
  user: { id: string, name: string }
}

/** Everything said in a session in its order: what is stored, what is being asked, and what is being answered. */
export function agentRows({ messages, pending, answer, room, agent, user }: AgentRowsInput): AgentRow[] {
  const rows: Omit<AgentRow, 'day'>[] = messages.map(message => ({ key: streamOf(message) ?? message.client_msg_id ?? message.messageId, message, live: false, unsure: false }))
  if (pending) {
    const message: RoomMessage = {
      room, seq: Number.MAX_SAFE_INTEGER, messageId: pending.clientMsgId, userId: user.id, userName: user.name, timestamp: pending.timestamp,
      content: { text: pending.text, type: 'user', actor_type: 'client', format: 'markdown' }, metadata: {},
    }
    rows.push({ key: pending.clientMsgId, message, live: false, unsure: true })
  }
  if (answer) rows.push({ key: answer.streamId, message: answerAsMessage(answer, room, agent), live: !answer.done, unsure: false })
  let before = dayName(new Date(serverNow()))
  return rows.map((row) => {
    const day = dayName(new Date(row.message.timestamp))
    if (day === before) return row
    before = day
    return { ...row, day }
  })
}
