import type { Kysely, Transaction } from 'kysely'
import type { Database, MessageRow } from '../schema'
import type { AppendMessage } from '../../log/types'
import type { RoomWritten } from '../../log/transaction'

/** What SQLite and PostgreSQL do each in its own way. All other queries are the same on both. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /**
   * Holds the rows of rooms until the transaction ends, so that nobody else takes a `seq` of theirs: in the order of their ids, so that
   * two who hold several never wait for each other.
   */
  hold: (trx: Transaction<Database>, roomIds: readonly string[]) => Promise<void>
  /** Deletes at most `limit` rows of a room. @returns whether there was one */
  deleteSome: (trx: Transaction<Database>, table: RoomTableName, roomId: string, limit: number) => Promise<boolean>
  readonly words: WordStore
  /** Stores what is said in several rooms by one statement, where the engine is far away and each statement a journey. */
  say?: SayAtOnce
  /** Whether a transaction failed for what others did at the same time, and may well succeed now. */
  isPassing: (error: unknown) => boolean
}

export type RoomTableName = 'entries' | 'room_members' | 'room_bots'

/**
 * @param rooms what is said in each, in order; no threads
 * @param most bytes a room may keep
 * @returns what it came to, by room; a room that has to be looked at closer, as one that is full, is left out
 */
export type SayAtOnce = (rooms: ReadonlyMap<string, readonly AppendMessage[]>, now: string, most: number | undefined) => Promise<ReadonlyMap<string, RoomWritten>>

/** The words to search by: those that `log/words.ts` makes of a text. */
export interface WordStore {
  /** Live messages of a room above its floor that hold all that is asked for, newest first. */
  find: (db: Kysely<Database>, room: { id: string, floor: number }, phrases: readonly Phrase[], limit: number) => Promise<MessageRow[]>
  /** Takes in the words of texts that this transaction stores. An erased text takes its words with it by itself. */
  put: (trx: Transaction<Database>, texts: readonly Text[]) => Promise<void>
  /** What follows the log beside its transactions. */
  keeper: (db: Kysely<Database>, onError: (error: unknown) => void) => WordKeeper
}

export type Text = Pick<MessageRow, 'id' | 'room_id' | 'text'>

/** Words that stand one after the other in a text; of the last phrase, the last word may be the beginning of a longer one. */
export type Phrase = readonly string[]

/** Keeps the words up with what is said. */
export interface WordKeeper {
  /** Goes on with what an earlier run of the server had not come to. */
  resume: () => void
  /** Takes note of messages that were stored. */
  stored: (messages: number) => void
  /** Resolves when everything said can be found, as far as the disk lets one. */
  caughtUp: () => Promise<void>
  /** Waits until nothing is being indexed. */
  drained: () => Promise<void>
}
