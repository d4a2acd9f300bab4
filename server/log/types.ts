import type { Entry, Message } from '#shared/protocol/frames'

/** A message to append. `clientMsgId` makes it idempotent for its author in its room (LOG-4). */
export interface AppendMessage {
  type: 'message'
  userId: string
  userName: string
  clientMsgId?: string
  content: Message['content']
  threadId?: string
  inReplyTo?: string
  attachments?: Message['attachments']
  metadata?: Record<string, unknown>
}

/** What changes a message that exists; `moderator` lets someone other than its author do it (LOG-5). */
export type AppendChange
  = | { type: 'edit', userId: string, moderator: boolean, messageId: string, text: string }
    | { type: 'delete', userId: string, moderator: boolean, messageId: string }
    | { type: 'reaction', userId: string, messageId: string, emoji: string, op: 'add' | 'remove' }

/** What changes the room itself. */
export type AppendRoom
  = | { type: 'clear', userId: string, userName?: string }
    | { type: 'bot', userId: string, userName?: string, bot: string, enabled: boolean }
    | { type: 'room', userId: string, userName?: string, title?: string, locked?: boolean, listed?: boolean, member?: MemberChange }
    /** A call started or ended; what the log says already is not stored. */
    | { type: 'call', userId: string, userName: string, state: 'started' | 'ended' }

export interface MemberChange {
  userId: string
  name: string
  role?: 'host' | 'member'
  muted?: boolean
  removed?: boolean
}

/** Told of committed entries, and whether this node's log has written them. */
export type CommitListener = (roomId: string, entries: Entry[], origin: 'here' | 'elsewhere') => void

export type Append = AppendMessage | AppendChange | AppendRoom

/** What an append came to. Without `entry`, nothing was stored: it had been done before. */
export interface Appended {
  entry?: Entry
  seq?: number
  messageId?: string
  clientMsgId?: string
  timestamp: string
  duplicate?: true
}

/** A read of a room's log at one moment: everything in it belongs to the same `head`. */
export interface LogSlice {
  entries: Entry[]
  epoch: string
  head: number
  floor: number
}

/** The append-only, gap-free log of every room (LOG-1 … LOG-6, invariants 1 and 2). */
export interface RoomLog {
  /**
   * Appends to a room's log. Resolves when the entry is committed and synced to disk, and after it was published.
   *
   * @param address where it came from, for what one address may store in a day
   * @throws ProtocolError `not_found`, `forbidden` or `conflict` for this append alone, `rate_limited` for one who stored too much,
   *   `unavailable` when the disk refused
   */
  append: (roomId: string, append: Append, address?: string) => Promise<Appended>
  /** Entries with `seq > fromSeq`, oldest first, at most `limit`. */
  since: (roomId: string, fromSeq: number, limit: number) => Promise<LogSlice>
  /** The newest `limit` messages, oldest first, with their present content. */
  newest: (roomId: string, limit: number) => Promise<LogSlice>
  /** Messages with `seq < beforeSeq`, newest first, and whether older ones remain (RES-8). */
  before: (roomId: string, beforeSeq: number, limit: number) => Promise<{ messages: Message[], more: boolean }>
  /** Messages that hold all the words, in any order and script, newest first; the last word may be the beginning of one. */
  search: (roomId: string, words: string, limit: number) => Promise<Message[]>
  /** Listens for committed entries, room by room in `seq` order, whoever committed them. Returns the function that stops it. */
  onCommitted: (listener: CommitListener) => () => void
  /** Entries with `seq > fromSeq` as they are stored now, whatever memory has of them. */
  stored: (roomId: string, fromSeq: number, limit: number) => Promise<LogSlice>
  /** How far rooms are, as it is stored now. */
  heads: (roomIds: readonly string[]) => Promise<ReadonlyMap<string, number>>
  /** Forgets what is in memory, of one room or of all. */
  forget: (roomId?: string) => void
  /** Takes in what another node has committed, in any order, as if it had been committed here. */
  follow: (roomId: string, entries: Entry[]) => void
  /**
   * Deletes a room and its children with their logs, for everybody at once. What is appended to them from now on is refused with
   * `not_found`.
   *
   * @returns the ids of the rooms that went
   */
  drop: (roomId: string) => Promise<readonly string[]>
  /** Goes on with what an earlier run of the server had not come to erase, or to make words of to search by. */
  resume: () => void
  /** Waits until what was cleared or dropped so far is off the disk. */
  erased: () => Promise<void>
  /** Waits until everything appended so far is on disk, and erases nothing more until something is cleared. */
  drained: () => Promise<void>
}
