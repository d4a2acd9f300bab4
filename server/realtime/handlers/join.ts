import { ProtocolError } from '#shared/protocol/errors'
import type { Bot, ClientFrameOf, Entry, EntryFrame, ServerFrameOf, User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import type { StoredSystemLine } from '#shared/protocol/system-lines'
import type { LogSlice } from '../../log/types'
import { toldPermissions } from '../../rooms/access'
import type { Room } from '../../rooms/types'
import type { JoinedRoom } from '../connection'
import type { Handler, RealtimeContext, Sender } from '../context'
import { remindOfControl } from './call'
import { announcePresence } from './ephemeral'
import { may } from './joined'
import { endKnock } from './knock'

/** When to ask again for a replay that would be too much at once. */
const BACKLOG_RETRY_MS = 1000

/** What an entry is besides its text, about. */
const ENTRY_BYTES = 400

/**
 * `join`: authorise, start buffering live frames, read, send, merge the buffer, go live (RES-1 … RES-6). From the
 * first line after the read to the last nothing is awaited, so that no live frame falls into the seam.
 */
export const join: Handler<'join'> = async (context, sender, frame) => {
  const { connection, user, orgId } = sender
  const known = connection.rooms.has(frame.room)
  if (!known && connection.rooms.size >= LIMITS.roomsPerConnection) throw new ProtocolError('conflict', `room: at most ${LIMITS.roomsPerConnection} rooms a connection`)
  if (connection.outbox.unsentBytes > LIMITS.replayBacklogBytes) throw new ProtocolError('rate_limited', 'room: what was asked for before is still on its way', { retryAfterMs: BACKLOG_RETRY_MS })
  const wait = context.admission.readWait(connection, context.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'room: too much was read', { retryAfterMs: wait })
  const { room, membership, isNew } = await context.rooms.admit(orgId, frame.room, user, connection.address)
  if (isNew) await tellJoined(context, room, user)
  if (connection.state.phase === 'closed') return 'acked' as const
  const joined = context.hub.attach(connection, room, membership)
  try {
    await follow(context, joined, user.id)
    const bots = await context.bots.list(joined.room)
    const removed = may(sender, joined, 'moderate') ? await context.rooms.removed(room.id, LIMITS.removedShown) : undefined
    const replay = await read(context, room.id, frame)
    // After the log: what was committed in between is in the one or waits in the buffer, and in neither twice.
    const lines = await context.systemLines.newest(room.id)
    // A removal that was committed during the read has already changed the membership, or taken the room away.
    if (joined.membership.removed || connection.rooms.get(room.name) !== joined) throw new ProtocolError('forbidden', 'room: you were removed from it', { reason: 'removed' })
    requireRoomFor(context, sender, replay.slice)
    seat(context, sender, joined)
    endKnock(context, room.id, user.id)
    send(context, sender, joined, frame, { ...replay, bots, removed, lines })
    remindOfControl(context, sender, joined.room)
    context.unsent.note(connection)
  } catch (error) {
    context.leave(connection, room.name, 0)
    throw error
  }
  return 'acked' as const
}

/**
 * Has the room's log followed before it is read. Where it was not, others may have changed the room since it was looked up here, and
 * nothing has told of it.
 */
async function follow({ order, rooms }: RealtimeContext, joined: JoinedRoom, userId: string): Promise<void> {
  const begun = order.watch(joined.room.id)
  if (!begun) return
  await begun
  const [room, known] = await Promise.all([rooms.byId(joined.room.id), rooms.membership(joined.room.id, userId)])
  if (!room) throw new ProtocolError('not_found', 'room: does not exist')
  Object.assign(joined.room, { callSince: undefined }, room)
  if (known) joined.membership = known.membership
}

/** Tells a room of one who belongs to it from now on (SYS-1). Never skipped, and no presence: it is told once. */
async function tellJoined({ bus, systemLines }: RealtimeContext, room: Room, user: User): Promise<void> {
  systemLines.happened(room.id)
  if (!await systemLines.tellsJoins(room.id)) return
  const line = { kind: 'joined' as const, timestamp: new Date().toISOString(), userId: user.id, name: user.name }
  bus.publish({ audience: { to: 'room', roomId: room.id }, frame: { type: 'room.line', room: room.name, line } })
}

/** Whether a replay can wait for its reader without too much waiting in all (BP-3). @throws ProtocolError `rate_limited` */
function requireRoomFor({ unsent, admission, now }: RealtimeContext, { connection }: Sender, { entries }: LogSlice): void {
  const bytes = entries.reduce((sum, entry) => sum + ENTRY_BYTES + ('content' in entry && entry.content ? entry.content.text.length : 0), 0)
  admission.hasRead(connection, bytes, now())
  if (unsent.isFull(connection, bytes)) throw new ProtocolError('rate_limited', 'room: too much is on its way to you already', { retryAfterMs: BACKLOG_RETRY_MS })
}

/** `leave`: stops the room's frames on this connection, gives up the peer's place at once (RES-9), and takes a knock back. */
export const leave: Handler<'leave'> = (context, { connection, user }, frame) => {
  const knock = connection.rooms.has(frame.room) ? undefined : context.knocks.of(user.id, frame.room)
  if (knock) endKnock(context, knock.roomId, user.id, false)
  context.leave(connection, frame.room, 0)
  return { room: frame.room }
}

interface Replay {
  bots: Bot[]
  /** What happened here last besides messages (SYS-1). */
  lines: readonly StoredSystemLine[]
  /** Who can be let back in, for those who may do it. */
  removed?: { userId: string, name: string }[]
  slice: LogSlice
  /** Where the replay starts; undefined for a fresh join. */
  fromSeq?: number
  /** The cursor was of another log (RES-6). */
  reset: boolean
}

async function read({ log }: RealtimeContext, roomId: string, { from_seq, epoch, limit }: ClientFrameOf<'join'>): Promise<Omit<Replay, 'bots' | 'removed' | 'lines'>> {
  const fresh = () => log.newest(roomId, limit ?? LIMITS.joinMessages)
  if (from_seq === undefined) return { slice: await fresh(), reset: false }
  const slice = await log.since(roomId, from_seq, LIMITS.replayEntries)
  if (from_seq > slice.head || (epoch !== undefined && epoch !== slice.epoch)) return { slice: await fresh(), reset: true }
  return { slice, fromSeq: from_seq, reset: false }
}

function seat(context: RealtimeContext, { connection, user, peerId }: Sender, { room, membership }: JoinedRoom): void {
  const wasHere = context.calls.placeHere(room.id, peerId) !== undefined
  context.calls.back(room.id, peerId)
  if (!wasHere && context.calls.placeHere(room.id, peerId)) {
    // It comes from another node with its place.
    context.callPlaces?.claim(room.id, peerId, other => context.calls.holds(room.id, other)).catch((error: unknown) => context.onError(error, 'taking over a place'))
  }
  if (!context.calls.holds(room.id, peerId)) context.presence.forgetCall(room.id, peerId)
  announcePresence(context, room.name, context.presence.enter(room.id, user, membership, peerId, connection.id), connection.id)
}

function send(context: RealtimeContext, sender: Sender, joined: JoinedRoom, frame: ClientFrameOf<'join'>, { bots, removed, lines, slice, fromSeq, reset }: Replay): void {
  const { connection } = sender
  const room = joined.room.name
  const { entries, epoch, head, floor } = slice
  connection.ack(frame.id, { room })
  connection.sendReply([
    ...reset ? [{ type: 'room.reset' as const, room, epoch, head }] : [],
    roomState(context, sender, joined, slice, { bots, removed, lines }),
    ...entries.map(asReplay),
    {
      type: 'replay.end',
      room,
      from_seq: fromSeq ?? 0,
      lastReplayedSeq: entries.at(-1)?.seq ?? fromSeq ?? 0,
      totalAvailable: Math.max(0, head - Math.max(fromSeq ?? 0, floor)),
      head,
    },
  ])
  if (removed) {
    for (const { userId, userName } of context.knocks.at(joined.room.id)) connection.send({ type: 'knock', room, userId, userName })
  }
  const waiting = joined.buffer ?? []
  joined.buffer = undefined
  joined.readUpTo = head
  for (const live of waiting) {
    if (!('seq' in live.frame) || (live.frame.seq ?? 0) > head) connection.sendEncoded(live)
  }
}

function roomState({ presence, bots: answering }: RealtimeContext, { user }: Sender, { room, membership }: JoinedRoom, { epoch, head, floor }: LogSlice, { bots, removed, lines }: Pick<Replay, 'bots' | 'removed' | 'lines'>): ServerFrameOf<'room.state'> {
  return {
    type: 'room.state',
    room: room.name,
    name: room.name,
    kind: room.kind,
    title: room.title,
    locked: room.locked,
    listed: room.listed,
    epoch,
    head,
    floor,
    members: presence.members(room.id),
    bots,
    streams: answering.streaming(room.id),
    lines: lines.filter(({ seq }) => seq === undefined || seq <= head),
    ...(removed?.length && { removed }),
    ...(room.callSince !== undefined && { call: { started_at: room.callSince, elapsed_ms: Math.max(0, Date.now() - Date.parse(room.callSince)) } }),
    you: { role: membership.role, can: toldPermissions({ role: user.role, membership }, room), muted: membership.muted },
  }
}

/** A log entry as a replay shows it (RES-4). */
export function asReplay(entry: Entry): EntryFrame {
  return entry.type === 'message.new' ? { ...entry, type: 'message.replay' } : { ...entry, replay: true }
}
