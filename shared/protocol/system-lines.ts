import { z } from 'zod'
import type { Entry } from '../log/entries'

/** What happens in a room besides messages, and is told to everybody in it alike (SYS-1). */
export const SYSTEM_LINE_KINDS = [
  'joined', 'removed', 'let-in', 'host', 'member', 'muted', 'unmuted', 'title', 'locked', 'unlocked', 'listed', 'unlisted', 'cleared', 'bot-on', 'bot-off', 'call-started', 'call-ended',
] as const

/**
 * One line of what happened: `seq` of the entry it stands in, none for somebody who came in for the first time and for calls; `name` of
 * whom it is about, where it is about a person, else of who did it; `title` and `bot` where it is about those.
 */
export const systemLineSchema = z.object({
  kind: z.enum(SYSTEM_LINE_KINDS),
  seq: z.number().int().min(1).optional(),
  timestamp: z.iso.datetime(),
  userId: z.string(),
  name: z.string(),
  title: z.string().optional(),
  bot: z.string().optional(),
})

export type StoredSystemLine = z.infer<typeof systemLineSchema>

/** The entry types that make lines. */
export const TOLD_ENTRY_TYPES = ['clear', 'bot-toggle', 'room.updated'] as const

/**
 * The lines an entry makes, in order. The one place where entries become lines, for the server's reads and the page alike.
 *
 * @param nameOf a person's name, for entries stored without that of who made them
 */
export function linesOf(entry: Entry, nameOf: (userId: string) => string): StoredSystemLine[] {
  if (entry.type !== 'clear' && entry.type !== 'bot-toggle' && entry.type !== 'room.updated') return []
  const { seq, timestamp, userId } = entry
  const did = { seq, timestamp, userId, name: entry.userName ?? nameOf(userId) }
  if (entry.type === 'clear') return [{ ...did, kind: 'cleared' }]
  if (entry.type === 'bot-toggle') return [{ ...did, kind: entry.enabled ? 'bot-on' : 'bot-off', bot: entry.bot }]
  const { title, locked, listed, member } = entry
  const lines: StoredSystemLine[] = []
  if (title !== undefined) lines.push({ ...did, kind: 'title', title })
  if (locked !== undefined) lines.push({ ...did, kind: locked ? 'locked' : 'unlocked' })
  if (listed !== undefined) lines.push({ ...did, kind: listed ? 'listed' : 'unlisted' })
  if (!member) return lines
  const about = { seq, timestamp, userId: member.userId, name: member.name }
  if (member.role) lines.push({ ...about, kind: member.role })
  if (member.muted !== undefined) lines.push({ ...about, kind: member.muted ? 'muted' : 'unmuted' })
  if (member.removed !== undefined) lines.push({ ...about, kind: member.removed ? 'removed' : 'let-in' })
  return lines
}
