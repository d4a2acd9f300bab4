import type { Entry, Message } from '#shared/protocol/frames'
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
      this.entries.push(entry)
      this.head = entry.seq
      if (this.reflect(entry)) this.bytes = sizeOf(this.entries)
      else this.bytes += sizeOf([entry])
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

  /** Returns whether entries that were there before have changed. */
  private reflect(entry: Entry): boolean {
    switch (entry.type) {
      case 'message.edited':
        if (entry.content) this.rewrite(entry.messageId, entry.content, entry.timestamp)
        break
      case 'message.deleted':
        this.erase(entry.messageId)
        break
      case 'reaction':
        this.patch(entry.messageId, message => ({ ...message, reactions: react(message.reactions, entry) }))
        break
      case 'clear':
        this.floor = entry.floor_seq
        this.entries = this.entries.filter(kept => kept.seq > entry.floor_seq)
        break
      default:
        return false
    }
    return true
  }

  private rewrite(messageId: string, content: Message['content'], edited: string): void {
    this.entries = this.entries.map((entry) => {
      if (entry.type === 'message.new' && entry.messageId === messageId) return { ...entry, content, edited }
      if (entry.type === 'message.edited' && entry.messageId === messageId) return { ...entry, content }
      return entry
    })
  }

  private erase(messageId: string): void {
    this.entries = this.entries.map((entry) => {
      if (entry.type === 'message.new' && entry.messageId === messageId) {
        const { attachments: _attachments, reactions: _reactions, edited: _edited, ...kept } = entry
        return { ...kept, content: { ...entry.content, text: '' }, deleted: true as const }
      }
      if (entry.type === 'message.edited' && entry.messageId === messageId) {
        const { content: _content, ...kept } = entry
        return { ...kept, deleted: true as const }
      }
      return entry
    })
  }

  private patch(messageId: string, change: (message: Message) => Message): void {
    const index = this.entries.findIndex(entry => entry.type === 'message.new' && entry.messageId === messageId)
    const entry = this.entries[index]
    if (entry?.type === 'message.new') this.entries[index] = change(entry)
  }
}

/** What an entry takes besides its text. */
const ENTRY_BYTES = 600
/** What a character takes, where one of the text is beyond Latin-1: counted so for all. */
const CHARACTER_BYTES = 2

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + ENTRY_BYTES + ('content' in entry && entry.content ? CHARACTER_BYTES * entry.content.text.length : 0), 0)
}

/** Reactions after one more was added or removed; an emoji nobody stands behind any more is left out. */
export function react(reactions: Message['reactions'] = {}, change: { emoji: string, userId: string, op: 'add' | 'remove' }): Message['reactions'] {
  const before = Object.hasOwn(reactions, change.emoji) ? reactions[change.emoji] ?? [] : []
  const users = before.filter(user => user !== change.userId)
  if (change.op === 'add') users.push(change.userId)
  const rest = Object.fromEntries(Object.entries(reactions).filter(([emoji]) => emoji !== change.emoji))
  const next = users.length > 0 ? { ...rest, [change.emoji]: users } : rest
  return Object.keys(next).length > 0 ? next : undefined
}
