import type { Entry } from '../log/entries'
import type { StoredSystemLine } from './system-lines'

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
