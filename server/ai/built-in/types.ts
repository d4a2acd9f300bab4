import type { Message } from '#shared/protocol/frames'

/** What the engine can do. A persona has some of it or all. */
export const SKILLS = ['docs', 'search', 'recap', 'questions', 'decisions', 'actions', 'statistics', 'polls', 'timers'] as const
export type Skill = typeof SKILLS[number]

/** Reads a room back from its end, as `RoomLog.before` does. What it leaves out is what a bot may not read. */
export interface RoomReader {
  /** Messages with `seq < beforeSeq`, newest first, and whether older ones remain. */
  before: (beforeSeq: number, limit: number) => Promise<{ messages: Message[], more: boolean }>
}

/** A message that can be read, in the form the skills work on. */
export interface Line {
  seq: number
  id: string
  userId: string
  author: string
  /** Whether a bot or the server wrote it: such lines are shown, but never taken for what people said. */
  bot: boolean
  text: string
  /** Milliseconds since 1970. */
  at: number
  replyTo?: string
  thread?: string
  /** User ids by emoji. */
  reactions: ReadonlyMap<string, ReadonlySet<string>>
}

/** A room as the skills see it: its name for links, its lines oldest first, and whether older ones were left unread. */
export interface RoomView {
  name: string
  lines: readonly Line[]
  partial: boolean
}

/** Who asks. Without `leftAt`, "since I left" counts from their last message. */
export interface Asker {
  id: string
  name: string
  /** When they were last in the room, ISO 8601. */
  leftAt?: string
  /** An IANA time zone, for "today" and for the times shown. UTC unless given. */
  timeZone?: string
}

/** Who answers: what it is called in the room, and what it may do. Everything unless `skills` says otherwise. */
export interface EnginePersona {
  slug: string
  name: string
  skills?: readonly Skill[]
}

/** What an answer rests on: an entry of the room's log, or a passage of the docs. */
export interface Source {
  id: string
  url: string
  title: string
}

/** An answer in markdown. `found` is false where there was nothing to answer with. */
export interface Answer {
  markdown: string
  sources: Source[]
  found: boolean
  skill: Skill | 'about'
}
