import type { LiveAnswer } from './answers'
import { asMessage, streamOf } from './answers'
import type { PendingMessage } from '../outbox/outbox-item'
import type { RoomMessage, RoomView, SystemLine } from '../room/room-view'

/** One row of the message list. `head` rows show author and time, the ones after them only text. */
export type TimelineRow
  = | { kind: 'day', key: string, date: Date }
    | { kind: 'unread', key: string }
    | { kind: 'line', key: string, line: SystemLine }
  /** With `answer`, the message of a bot that still speaks. */
    | { kind: 'message', key: string, message: RoomMessage, head: boolean, answer?: LiveAnswer }
    | { kind: 'pending', key: string, pending: PendingMessage, head: boolean }

export interface TimelineInput {
  messages: readonly RoomMessage[]
  lines: readonly SystemLine[]
  pending: readonly PendingMessage[]
  /** The newest message read when the list was opened; the unread mark stands after it. */
  readSeq?: number
  /** Whose list this is, and what they are called now. */
  userId?: string
  userName?: string
}

/** Messages of one author within this time form one group. */
const GROUP_MS = 5 * 60_000

/** Lays messages, system lines and what is pending out as rows: day separators, one unread mark, groups by author. */
export function timeline(input: TimelineInput): TimelineRow[] {
  const rows: TimelineRow[] = []
  const lines = [...input.lines]
  const days = new Map<string, number>()
  let day = { from: Infinity, to: -Infinity }
  let author = ''
  let time = 0
  let marked = input.readSeq === undefined

  function open(timestamp: string, next: string): boolean {
    const at = Date.parse(timestamp)
    const newDay = !(at >= day.from && at < day.to)
    if (newDay) {
      const date = new Date(at)
      // Naming a day is dear; most messages are of the same day as the one before.
      // The same day a second time is another row.
      const key = `day:${date.toDateString()}`
      days.set(key, (days.get(key) ?? 0) + 1)
      rows.push({ kind: 'day', key: days.get(key) === 1 ? key : `${key}:${days.get(key)}`, date })
      day = dayOf(date)
    }
    const head = newDay || next !== author || at - time > GROUP_MS
    author = next
    time = at
    return head
  }

  function put(line: SystemLine) {
    open(line.timestamp, '')
    rows.push({ kind: 'line', key: line.key, line })
    author = ''
  }

  for (const message of input.messages) {
    while (lines[0] && lines[0].after < message.seq) put(lines.shift()!)
    if (!marked && message.seq > input.readSeq! && message.userId !== input.userId) {
      marked = true
      rows.push({ kind: 'unread', key: 'unread' })
      author = ''
    }
    const head = open(message.timestamp, speakerOf(message))
    rows.push({ kind: 'message', key: keyOf(message, input.userId), message, head: head || message.in_reply_to !== undefined })
  }
  lines.forEach(put)
  for (const pending of input.pending) {
    const head = open(pending.timestamp, `client\n${pending.userId}\n${input.userName ?? nameOf(input.messages, pending.userId)}`)
    rows.push({ kind: 'pending', key: `own:${pending.client_msg_id}`, pending, head: head || pending.in_reply_to !== undefined })
  }
  return rows
}

/** Who speaks, and under which name: after a change of it, the next message says so. */
function speakerOf({ userId, userName, content }: RoomMessage): string {
  return `${content.actor_type}\n${userId}\n${userName}`
}

function nameOf(messages: readonly RoomMessage[], userId: string): string {
  return messages.findLast(message => message.userId === userId)?.userName ?? ''
}

/** From midnight to midnight, where the reader is. */
function dayOf(date: Date): { from: number, to: number } {
  const midnight = (days: number) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
  return { from: midnight(0), to: midnight(1) }
}

/**
 * Adds the answers that are on their way, after everything else: there they will be stored. Apart from the rest, which does
 * not change with each of their words.
 */
export function withAnswers(rows: readonly TimelineRow[], { name, answers, bots }: Pick<RoomView, 'name' | 'answers' | 'bots'>): readonly TimelineRow[] {
  if (answers.length === 0) return rows
  const next = [...rows]
  for (const answer of answers) {
    const message = asMessage(answer, name, bots)
    const date = new Date(message.timestamp)
    const day = `day:${date.toDateString()}`
    if (!next.findLast(row => row.kind === 'day')?.key.startsWith(day)) next.push({ kind: 'day', key: day, date })
    const last = next.at(-1)
    const follows = last?.kind === 'message' && speakerOf(last.message) === speakerOf(message) && date.getTime() - Date.parse(last.message.timestamp) <= GROUP_MS
    next.push({ kind: 'message', key: keyOf(message, undefined), message, head: !follows || message.in_reply_to !== undefined, answer })
  }
  return next
}

/** A message of ours keeps its row when the log shows it, and an answer when it is stored, so that nothing flickers. */
function keyOf(message: RoomMessage, userId: string | undefined): string {
  const stream = streamOf(message)
  if (stream !== undefined) return `ai:${stream}`
  return message.userId === userId && message.client_msg_id ? `own:${message.client_msg_id}` : message.messageId
}
