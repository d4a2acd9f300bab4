import type { EntryFrame } from '#shared/protocol/frames'
import { linesOf } from '#shared/protocol/entry-lines'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import { botName } from './room-answers'
import type { RoomMessage, RoomView, SystemEvent, SystemLine } from './room-view'

const LINES_KEPT = 400

/** Lines the server tells, beside those that are shown already; each once. */
export function mergedLines(view: RoomView, told: readonly StoredSystemLine[]): readonly SystemLine[] {
  const lines = new Map(view.lines.map(line => [line.key, line]))
  for (const line of told) lines.set(keyOf(line), shown(view, line))
  return placedLines([...lines.values()], view.messages, view.floor)
}

/** A view after something happened that no entry tells: somebody joined, a call started or ended (SYS-1, RTC-7). */
export function withHappening(view: RoomView, line: StoredSystemLine, now: number): RoomView {
  const next = { ...view, lines: mergedLines(view, [line]) }
  if (line.kind === 'call-started') return { ...next, callSince: view.callSince ?? now }
  return line.kind === 'call-ended' ? { ...next, callSince: undefined } : next
}

/** The lines of a view after an entry of the log. */
export function entryLines(view: RoomView, entry: EntryFrame): readonly SystemLine[] {
  if (entry.type === 'message.replay') return view.lines
  const told = linesOf(entry, userId => nameOf(view, userId))
  return told.length > 0 ? mergedLines(view, told) : view.lines
}

/** The lines from the message with this `seq` on. */
export function keptLines(lines: readonly SystemLine[], first: number): readonly SystemLine[] {
  return lines.filter(line => line.after >= first)
}

/**
 * Lines in their order among messages: by the entry they stand in, else by the server's time. A line without an entry stands
 * after the last message that was said before it.
 */
export function placedLines(lines: readonly SystemLine[], messages: readonly RoomMessage[], floor: number): readonly SystemLine[] {
  const first = messages[0]?.seq ?? floor + 1
  const placed = lines.map((line) => {
    if (!/^(?:joined|call-started|call-ended):/.test(line.key)) return line
    const before = messages.findLast(message => message.timestamp <= line.timestamp)
    return { ...line, after: before?.seq ?? first - 1 }
  })
  return placed.sort((a, b) => a.after - b.after || a.timestamp.localeCompare(b.timestamp)).slice(-LINES_KEPT)
}

/** Adds a line that is told to this page alone, after the message with this `seq`. */
export function withLine(view: RoomView, after: number, timestamp: string, event: SystemEvent): RoomView {
  const serial = Math.max(0, ...view.lines.map(({ key }) => Number(/^line:(\d+)$/.exec(key)?.[1] ?? 0))) + 1
  return { ...view, lines: [...view.lines, { key: `line:${serial}`, after, timestamp, event }].slice(-LINES_KEPT) }
}

function keyOf({ seq, kind, userId, timestamp }: StoredSystemLine): string {
  if (seq !== undefined) return `${seq}:${kind}`
  return kind === 'joined' ? `joined:${userId}` : `${kind}:${timestamp}`
}

function shown(view: RoomView, line: StoredSystemLine): SystemLine {
  const { seq, timestamp, kind, name, title, bot } = line
  return {
    key: keyOf(line), after: seq ?? 0, timestamp,
    event: { kind, name, ...(title !== undefined && { title }), ...(bot !== undefined && { bot: botName(view, bot) }) },
  }
}

function nameOf(view: RoomView, userId: string): string {
  return view.members.find(member => member.userId === userId)?.name
    ?? view.messages.findLast(message => message.userId === userId)?.userName
    ?? ''
}
