import type { AnswerEnd } from '#shared/protocol/answer-ends'
import type { ErrorCode, ErrorReason } from '#shared/protocol/errors'
import { changedMessage, reduceEntry } from '#shared/log/reduce'
import type { EntryReducers, MessageChange } from '#shared/log/reduce'
import type { Bot, EntryFrame, Member, Message, ServerFrameOf } from '#shared/protocol/frames'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import type { LiveAnswer } from '../chat/answers'
import { answersOf, withoutStored } from './room-answers'
import { entryLines, keptLines, mergedLines, placedLines } from './room-lines'

/** A message as a room shows it, whichever path brought it. */
export type RoomMessage = Omit<Message, 'type'> & {
  /** A change of it is on its way to the server. */
  waiting?: boolean
}

/** Something that happened in a room and is not a message (A6). Names are those at the time. */
export type SystemEvent
  = | Pick<StoredSystemLine, 'kind' | 'name' | 'title' | 'bot'>
    /** A bot was asked and left no word; told where it happened alone. */
    | { kind: 'bot-failed' | 'bot-silent' | 'bot-stopped', name: string, reason?: AnswerEnd }

export interface SystemLine {
  /** The same for everybody who is shown the line, but where it is told to this page alone. */
  key: string
  /** The line stands after the message with this `seq`. */
  after: number
  timestamp: string
  event: SystemEvent
}

export interface TypingPerson { userId: string, name: string }

export interface RoomView {
  readonly name: string
  readonly title: string
  readonly kind: string
  readonly locked: boolean
  readonly listed: boolean
  /** `joining` also while a lost connection is made again; what was shown stays. */
  readonly phase: 'joining' | 'joined' | 'refused' | 'removed'
  /** Why the room is refused, or what removed this user. */
  readonly reason?: string
  readonly reasonCode?: ErrorCode | ErrorReason
  /** The newest entry applied; undefined until the first replay ended. */
  readonly last?: number
  readonly floor: number
  /** In `seq` order. */
  readonly messages: readonly RoomMessage[]
  readonly lines: readonly SystemLine[]
  /** Whether older messages than the first may exist. */
  readonly more: boolean
  readonly members: readonly Member[]
  /** Who was removed and can be let back in; known to moderators. */
  readonly removed: readonly { readonly userId: string, readonly name: string }[]
  readonly typing: readonly TypingPerson[]
  /** When the call that is on was started, in milliseconds of this page's own clock. */
  readonly callSince?: number
  /** The personas that can be switched on here. */
  readonly bots: readonly Bot[]
  /** Answers on their way, oldest first (AI-1). */
  readonly answers: readonly LiveAnswer[]
  /** The streams that ended last. */
  readonly over: readonly string[]
  readonly you: { readonly role: 'host' | 'member', readonly can: readonly string[], readonly muted: boolean }
}

/** How many messages a room keeps while its newest are in view (A3); it may hold twice as many before it forgets down to these. */
export const MESSAGES_KEPT = 256
/** How many messages scrolling up may bring in before the room says so. */
export const MESSAGES_MAX = 5000

/** A room of which nothing is known yet. */
export function emptyRoom(name: string): RoomView {
  return {
    name, title: name, kind: 'room', locked: false, listed: false, phase: 'joining', floor: 0,
    messages: [], lines: [], more: false, members: [], removed: [], typing: [], bots: [], answers: [], over: [], you: { role: 'member', can: [], muted: false },
  }
}

/**
 * Takes over what the server says of the room itself. Messages come apart from it.
 *
 * @param now milliseconds since 1970
 */
export function withState(view: RoomView, state: ServerFrameOf<'room.state'>, now: number): RoomView {
  return {
    ...view, lines: mergedLines(view, state.lines), title: state.title || state.name, kind: state.kind, locked: state.locked, listed: state.listed,
    floor: state.floor, members: byName(state.members), removed: state.removed ?? [], typing: [], bots: state.bots,
    answers: answersOf(view, state, new Date(now).toISOString()), callSince: state.call && now - state.call.elapsed_ms, you: state.you, reason: undefined, reasonCode: undefined,
  }
}

/** Replaces everything held by the newest part of the log. */
export function withSnapshot(view: RoomView, entries: readonly EntryFrame[], head: number): RoomView {
  const next = withEntries({ ...view, messages: [], last: undefined }, entries)
  const first = next.messages[0]?.seq
  const more = first !== undefined && first > view.floor + 1
  return { ...next, last: head, more, lines: keptLines(placedLines(next.lines, next.messages, next.floor), more ? first : 0) }
}

/** Applies entries in order. Applying a message's own change twice changes nothing. */
export function withEntries(view: RoomView, entries: readonly EntryFrame[]): RoomView {
  return entries.reduce(withEntry, view)
}

function withEntry(view: RoomView, entry: EntryFrame): RoomView {
  return reduceEntry(SHOWN, { ...view, last: Math.max(view.last ?? 0, entry.seq) }, entry)
}

/** What each entry changes of a room as a page shows it. */
const SHOWN: EntryReducers<RoomView> = {
  'message.new': (view, entry) => ({
    ...view,
    messages: placed(view.messages, entry),
    typing: view.typing.filter(person => person.userId !== entry.userId),
    answers: withoutStored(view.answers, entry),
  }),
  'message.edited': withMutation,
  'message.deleted': withMutation,
  'reaction': withMutation,
  'clear': (view, entry) => withEntryLines(withFloor(view, entry.floor_seq), entry),
  'bot-toggle': withToggle,
  'room.updated': withUpdate,
}

function withMutation(view: RoomView, entry: MessageChange): RoomView {
  return { ...view, messages: mutated(view.messages, entry) }
}

/** Drops what a clear took away (LOG-6). */
export function withFloor(view: RoomView, floor: number): RoomView {
  return {
    ...view, floor: Math.max(view.floor, floor), more: false,
    messages: view.messages.filter(message => message.seq > floor), lines: keptLines(view.lines, floor + 1),
  }
}

/**
 * Puts an older page before what is held.
 *
 * @param changes entries applied while the page was on its way: it may have been read before them
 * @param lines what happened among its messages
 */
export function withOlder(view: RoomView, page: readonly RoomMessage[], more: boolean, changes: readonly EntryFrame[], lines: readonly StoredSystemLine[] = []): RoomView {
  const first = view.messages[0]?.seq ?? Infinity
  let older = page.filter(message => message.seq < first && message.seq > view.floor).sort((a, b) => a.seq - b.seq)
  for (const change of changes) {
    if (change.type === 'message.edited' || change.type === 'message.deleted' || change.type === 'reaction') older = [...mutated(older, change)]
  }
  const messages = [...older, ...view.messages]
  return { ...view, messages, lines: mergedLines({ ...view, messages }, lines), more: more && messages.length < MESSAGES_MAX }
}

/**
 * How many messages are to be kept now; undefined while there are not too many. With room to grow, so that forgetting is rare.
 *
 * @param atEnd whether the newest are in view, and nobody sees the oldest go
 */
export function tooMany(count: number, atEnd: boolean): number | undefined {
  const keep = atEnd ? MESSAGES_KEPT : MESSAGES_MAX
  return count > keep + MESSAGES_KEPT ? keep : undefined
}

/** Forgets old messages; they can be loaded again, until there are as many as a room may hold. */
export function trimmed(view: RoomView, keep = MESSAGES_KEPT): RoomView {
  if (view.messages.length <= keep) return view
  const messages = view.messages.slice(-keep)
  const first = messages[0]?.seq ?? 0
  return { ...view, messages, more: keep < MESSAGES_MAX, lines: keptLines(view.lines, first) }
}

/** Applies who came, changed or went (PRS-1). */
export function withPresence(view: RoomView, frame: ServerFrameOf<'presence'>): RoomView {
  const others = view.members.filter(member => member.userId !== frame.member.userId)
  if (frame.event !== 'leave') return { ...view, members: byName([...others, frame.member]) }
  return { ...view, members: others, typing: view.typing.filter(person => person.userId !== frame.member.userId) }
}

function withToggle(view: RoomView, entry: ServerFrameOf<'bot-toggle'>): RoomView {
  const { bot, enabled } = entry
  return withEntryLines({ ...view, bots: view.bots.map(other => other.id === bot ? { ...other, enabled } : other) }, entry)
}

function withUpdate(view: RoomView, entry: ServerFrameOf<'room.updated'>): RoomView {
  const { title = view.title, locked = view.locked, listed = view.listed, member: change } = entry
  const next = withEntryLines({ ...view, title, locked, listed }, entry)
  if (!change) return next
  const members = next.members
    .filter(member => !(change.removed && member.userId === change.userId))
    .map(member => member.userId === change.userId ? { ...member, role: change.role ?? member.role, muted: change.muted ?? member.muted } : member)
  const others = next.removed.filter(person => person.userId !== change.userId)
  const removed = change.removed ? [...others, { userId: change.userId, name: change.name }] : change.removed === false ? others : next.removed
  return { ...next, members, removed }
}

function withEntryLines(view: RoomView, entry: EntryFrame): RoomView {
  return { ...view, lines: entryLines(view, entry) }
}

function placed(messages: readonly RoomMessage[], entry: Message): readonly RoomMessage[] {
  const { type: _, ...message } = entry
  const newest = messages.at(-1)
  if (!newest || newest.seq < message.seq) return [...messages, message]
  if (messages.some(other => other.seq === message.seq)) return messages.map(other => other.seq === message.seq ? message : other)
  return [...messages, message].sort((a, b) => a.seq - b.seq)
}

function mutated(messages: readonly RoomMessage[], entry: MessageChange): readonly RoomMessage[] {
  const index = messages.findIndex(message => message.messageId === entry.messageId)
  const message = messages[index]
  if (!message) return messages
  const next = [...messages]
  next[index] = changedMessage(message, entry)
  return next
}

function byName(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => a.name.localeCompare(b.name) || a.userId.localeCompare(b.userId))
}
