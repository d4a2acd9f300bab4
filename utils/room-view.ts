import type { ErrorCode, ErrorReason } from '#shared/protocol/errors'
import type { Bot, EntryFrame, Member, Message, ServerFrameOf } from '#shared/protocol/frames'
import type { LiveAnswer } from './answers'
import { answersOf, botName, withoutStored } from './room-answers'

/** A message as a room shows it, whichever path brought it. */
export type RoomMessage = Omit<Message, 'type'> & {
  /** A change of it is on its way to the server. */
  waiting?: boolean
}

/** Something that happened in a room and is not a message (A6). Names are those at the time. */
export type SystemEvent
  = | { kind: 'joined' | 'left' | 'removed' | 'let-in' | 'host' | 'member' | 'muted' | 'unmuted', name: string }
    | { kind: 'title', name: string, title: string }
    | { kind: 'locked' | 'unlocked' | 'listed' | 'unlisted' | 'cleared', name: string }
    | { kind: 'bot-on' | 'bot-off', name: string, bot: string }
    /** A bot was asked and left no word. */
    | { kind: 'bot-failed' | 'bot-silent' | 'bot-stopped', name: string }

export interface SystemLine {
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
  /** Who was here before a lost connection and has not come back yet: their return is no news until then. */
  readonly awaited?: { readonly userIds: readonly string[], readonly until: number }
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
const LINES_KEPT = 100
/** After a restart everybody comes back one by one; for this long that is a return, not an arrival. */
const RETURN_MS = 60_000

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
  const here = new Set(state.members.map(member => member.userId))
  const missing = view.members.map(member => member.userId).filter(userId => !here.has(userId))
  return {
    ...view, awaited: missing.length > 0 ? { userIds: missing, until: now + RETURN_MS } : undefined, title: state.title || state.name, kind: state.kind, locked: state.locked, listed: state.listed,
    floor: state.floor, members: byName(state.members), removed: state.removed ?? [], typing: [], bots: state.bots,
    answers: answersOf(view, state, new Date(now).toISOString()), callSince: state.call && now - state.call.elapsed_ms, you: state.you, reason: undefined, reasonCode: undefined,
  }
}

/** Replaces everything held by the newest part of the log. */
export function withSnapshot(view: RoomView, entries: readonly EntryFrame[], head: number): RoomView {
  const base = { ...view, messages: [], lines: [], last: undefined }
  const next = withEntries(base, entries)
  const first = next.messages[0]?.seq
  return { ...next, last: head, more: first !== undefined && first > view.floor + 1 }
}

/** Applies entries in order. Applying a message's own change twice changes nothing. */
export function withEntries(view: RoomView, entries: readonly EntryFrame[]): RoomView {
  return entries.reduce(withEntry, view)
}

function withEntry(view: RoomView, entry: EntryFrame): RoomView {
  const next = { ...view, last: Math.max(view.last ?? 0, entry.seq) }
  switch (entry.type) {
    case 'message.new':
    case 'message.replay': return {
      ...next, messages: placed(view.messages, entry), typing: view.typing.filter(person => person.userId !== entry.userId), answers: withoutStored(view.answers, entry),
    }
    case 'message.edited':
    case 'message.deleted':
    case 'reaction': return { ...next, messages: mutated(view.messages, entry) }
    case 'clear': return withLine(withFloor(next, entry.floor_seq), entry.seq, entry.timestamp, { kind: 'cleared', name: nameOf(view, entry.userId) })
    case 'bot-toggle': return withToggle(next, entry)
    case 'room.updated': return withCall(withUpdate(next, entry), entry)
  }
}

/** Drops what a clear took away (LOG-6). */
export function withFloor(view: RoomView, floor: number): RoomView {
  return {
    ...view, floor: Math.max(view.floor, floor), more: false,
    messages: view.messages.filter(message => message.seq > floor), lines: view.lines.filter(line => line.after > floor),
  }
}

/**
 * Puts an older page before what is held.
 *
 * @param changes entries applied while the page was on its way: it may have been read before them
 */
export function withOlder(view: RoomView, page: readonly RoomMessage[], more: boolean, changes: readonly EntryFrame[]): RoomView {
  const first = view.messages[0]?.seq ?? Infinity
  let older = page.filter(message => message.seq < first && message.seq > view.floor).sort((a, b) => a.seq - b.seq)
  for (const change of changes) {
    if (change.type === 'message.edited' || change.type === 'message.deleted' || change.type === 'reaction') older = [...mutated(older, change)]
  }
  const messages = [...older, ...view.messages]
  return { ...view, messages, more: more && messages.length < MESSAGES_MAX }
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
  return { ...view, messages, more: keep < MESSAGES_MAX, lines: view.lines.filter(line => line.after >= first) }
}

/** Applies who came, changed or went (PRS-1). */
export function withPresence(view: RoomView, frame: ServerFrameOf<'presence'>, at: string, meId: string | undefined): RoomView {
  const others = view.members.filter(member => member.userId !== frame.member.userId)
  const members = frame.event === 'leave' ? others : byName([...others, frame.member])
  const typing = frame.event === 'leave' ? view.typing.filter(person => person.userId !== frame.member.userId) : view.typing
  const next = { ...view, members, typing }
  if (frame.event === 'update' || frame.member.userId === meId || members.length > 50) return next
  // Told again, as over two lines of one connection: no news.
  const wasThere = others.length < view.members.length
  if (wasThere === (frame.event === 'join')) return next
  if (frame.event === 'join' && view.awaited?.userIds.includes(frame.member.userId) && Date.parse(at) < view.awaited.until) return next
  return withLine(next, view.last ?? 0, at, { kind: frame.event === 'join' ? 'joined' : 'left', name: frame.member.name })
}

function withToggle(view: RoomView, { seq, timestamp, userId, bot, enabled }: ServerFrameOf<'bot-toggle'>): RoomView {
  const next = { ...view, bots: view.bots.map(other => other.id === bot ? { ...other, enabled } : other) }
  return withLine(next, seq, timestamp, { kind: enabled ? 'bot-on' : 'bot-off', name: nameOf(view, userId), bot: botName(view, bot) })
}

function withUpdate(view: RoomView, entry: ServerFrameOf<'room.updated'>): RoomView {
  const name = nameOf(view, entry.userId)
  let next: RoomView = { ...view, title: entry.title ?? view.title, locked: entry.locked ?? view.locked, listed: entry.listed ?? view.listed }
  const add = (event: SystemEvent) => {
    next = withLine(next, entry.seq, entry.timestamp, event)
  }
  if (entry.title !== undefined) add({ kind: 'title', name, title: entry.title })
  if (entry.locked !== undefined) add({ kind: entry.locked ? 'locked' : 'unlocked', name })
  if (entry.listed !== undefined) add({ kind: entry.listed ? 'listed' : 'unlisted', name })
  const change = entry.member
  if (!change) return next
  if (change.role) add({ kind: change.role, name: change.name })
  if (change.muted !== undefined) add({ kind: change.muted ? 'muted' : 'unmuted', name: change.name })
  if (change.removed !== undefined) add({ kind: change.removed ? 'removed' : 'let-in', name: change.name })
  const members = next.members
    .filter(member => !(change.removed && member.userId === change.userId))
    .map(member => member.userId === change.userId ? { ...member, role: change.role ?? member.role, muted: change.muted ?? member.muted } : member)
  const others = next.removed.filter(person => person.userId !== change.userId)
  const removed = change.removed ? [...others, { userId: change.userId, name: change.name }] : change.removed === false ? others : next.removed
  return { ...next, members, removed }
}

/** What the room's state said of the call is newer than any entry that is replayed. */
function withCall(view: RoomView, { call, replay }: ServerFrameOf<'room.updated'>): RoomView {
  if (!call || replay) return view
  return { ...view, callSince: call === 'started' ? Date.now() : undefined }
}

/** Adds a line of what happened, after the message with this `seq`. */
export function withLine(view: RoomView, after: number, timestamp: string, event: SystemEvent): RoomView {
  const serial = Number(view.lines.at(-1)?.key.split(':')[1] ?? 0) + 1
  return { ...view, lines: [...view.lines, { key: `line:${serial}`, after, timestamp, event }].slice(-LINES_KEPT) }
}

function placed(messages: readonly RoomMessage[], entry: ServerFrameOf<'message.new'> | ServerFrameOf<'message.replay'>): readonly RoomMessage[] {
  const { type: _, ...message } = entry
  const newest = messages.at(-1)
  if (!newest || newest.seq < message.seq) return [...messages, message]
  if (messages.some(other => other.seq === message.seq)) return messages.map(other => other.seq === message.seq ? message : other)
  return [...messages, message].sort((a, b) => a.seq - b.seq)
}

type Mutation = ServerFrameOf<'message.edited'> | ServerFrameOf<'message.deleted'> | ServerFrameOf<'reaction'>

function mutated(messages: readonly RoomMessage[], entry: Mutation): readonly RoomMessage[] {
  const index = messages.findIndex(message => message.messageId === entry.messageId)
  const message = messages[index]
  if (!message) return messages
  const next = [...messages]
  next[index] = mutate(message, entry)
  return next
}

function mutate(message: RoomMessage, entry: Mutation): RoomMessage {
  if (entry.type === 'message.deleted' || (entry.type === 'message.edited' && entry.deleted)) {
    return { ...message, deleted: true, content: { ...message.content, text: '' }, reactions: undefined, attachments: undefined }
  }
  if (message.deleted) return message
  if (entry.type === 'message.edited') return { ...message, content: entry.content ?? message.content, edited: entry.timestamp }
  return { ...message, reactions: reacted(message.reactions, entry) }
}

/** Reactions with one person's added or taken back. Doing it twice changes nothing. */
export function reacted(reactions: RoomMessage['reactions'], { emoji, op, userId }: { emoji: string, op: 'add' | 'remove', userId: string }): RoomMessage['reactions'] {
  const { [emoji]: people = [], ...others } = reactions ?? {}
  if (op === 'add') return { ...reactions, [emoji]: people.includes(userId) ? people : [...people, userId] }
  const without = people.filter(id => id !== userId)
  return without.length > 0 ? { ...reactions, [emoji]: without } : others
}

function nameOf(view: RoomView, userId: string): string {
  return view.members.find(member => member.userId === userId)?.name
    ?? view.messages.findLast(message => message.userId === userId)?.userName
    ?? ''
}

function byName(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => a.name.localeCompare(b.name) || a.userId.localeCompare(b.userId))
}
