import type { Entry, EntryOf } from '#shared/log/entries'
import { changedMessage, reduceEntry } from '#shared/log/reduce'
import type { EntryReducers, MessageChange } from '#shared/log/reduce'
import { LIMITS } from '#shared/protocol/limits'
import type { LogSlice } from './types'

/**
 * The newest entries of one room in memory, kept equal to what a read of the database would give: an edit, a deletion
 * or a reaction changes the entries it is about, so that a replay from here shows present content too (LOG-5).
 */
export class RoomTail {
  readonly epoch: string
  head: number
  floor: number
  /** What its entries take, about. */
  bytes: number
  private entries: Entry[]

  constructor(slice: LogSlice) {
    this.epoch = slice.epoch
    this.head = slice.head
    this.floor = slice.floor
    this.entries = slice.entries
    this.bytes = sizeOf(this.entries)
  }

  /** Takes in committed entries. Those it already has are passed over; one after a gap makes it return false. */
  apply(committed: readonly Entry[]): boolean {
    for (const entry of committed) {
      if (entry.seq <= this.head) continue
      if (entry.seq !== this.head + 1) return false
      const before: readonly Entry[] = this.entries
      const after = reduceEntry(REFLECTED, before, entry)
      if (after !== before) {
        this.entries = [...after]
        this.bytes = sizeOf(after)
      }
      this.entries.push(entry)
      this.bytes += sizeOf([entry])
      this.head = entry.seq
      if (entry.type === 'clear') this.floor = entry.floor_seq
    }
    if (this.entries.length > LIMITS.liveTail) this.bytes -= sizeOf(this.entries.splice(0, this.entries.length - LIMITS.liveTail))
    return true
  }

  /** Entries after `fromSeq`, or undefined where memory does not reach back that far. */
  since(fromSeq: number, limit: number): LogSlice | undefined {
    const after = Math.max(fromSeq, this.floor)
    const first = this.head - this.entries.length
    if (after < first) return undefined
    return this.slice(this.entries.slice(after - first, after - first + limit))
  }

  /** The newest `limit` messages, or undefined where memory holds too few of them. */
  newest(limit: number): LogSlice | undefined {
    const messages = this.entries.filter(entry => entry.type === 'message.new')
    const complete = this.head - this.entries.length <= this.floor
    if (messages.length < limit && !complete) return undefined
    return this.slice(messages.slice(-limit))
  }

  private slice(entries: Entry[]): LogSlice {
    return { entries, epoch: this.epoch, head: this.head, floor: this.floor }
  }
}

/** What an entry changes of those before it: a message shows its present content, and so does every earlier edit of it. */
const REFLECTED: EntryReducers<readonly Entry[]> = {
  'message.new': before => before,
  'message.edited': reflected,
  'message.deleted': reflected,
  'reaction': reflected,
  'clear': (before, { floor_seq }) => before.filter(({ seq }) => seq > floor_seq),
  'bot-toggle': before => before,
  'room.updated': before => before,
}

function reflected(before: readonly Entry[], change: MessageChange): readonly Entry[] {
  return before.map((entry) => {
    if (!('messageId' in entry) || entry.messageId !== change.messageId) return entry
    if (entry.type === 'message.new') return changedMessage(entry, change)
    return entry.type === 'message.edited' && change.type !== 'reaction' ? changedEdit(entry, change) : entry
  })
}

function changedEdit({ content, ...edit }: EntryOf<'message.edited'>, change: MessageChange): EntryOf<'message.edited'> {
  if (change.type === 'message.deleted') return { ...edit, deleted: true }
  return { ...edit, content: change.type === 'message.edited' ? change.content : content }
}

/** What an entry takes besides its text. */
const ENTRY_BYTES = 600
/** What a character takes, where one of the text is beyond Latin-1: counted so for all. */
const CHARACTER_BYTES = 2

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + ENTRY_BYTES + ('content' in entry && entry.content ? CHARACTER_BYTES * entry.content.text.length : 0), 0)
}
