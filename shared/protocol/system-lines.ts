import { z } from 'zod'

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
