import { nanoid } from 'nanoid'
import { ProtocolError } from '#shared/protocol/errors'
import type { ServerFrame } from '#shared/protocol/frames'
import { CLOSE, LIMITS } from '#shared/protocol/limits'
import type { Identity } from '../auth/types'
import { LoopShares } from '../limits/loop-shares'
import type { RoomLog } from '../log/types'
import type { RoomDirectory } from '../rooms/directory'
import type { SystemLines } from '../rooms/system-lines'
import { Admission } from './admission'
import type { Bus } from './bus'
import { receiversOf } from './receivers'
import { CallLog } from './call-log'
import { Calls } from './calls'
import type { CallChange } from './calls'
import { CountsElsewhere } from './counts-elsewhere'
import { Connection, identityOf } from './connection'
import type { Reply } from './connection'
import type { Established, Identities, RealtimeContext, RealtimeLimits, RoomBots } from './context'
import { announcePresence, announceTyping, endTyping } from './handlers/ephemeral'
import { knockEnded } from './handlers/knock'
import { Hub } from './hub'
import { Knocks } from './knocks'
import { createRoomOrder, followLog } from './log-follower'
import type { CallPlaces } from '../work/call-places'
import type { Outbox, Transport } from './outbox'
import { Presence } from './presence'
import { Registry } from './registry'
import { Router } from './router'
import { createTellers } from './tellers'
import { Typing } from './typing'
import { Unsent } from './unsent'
import { sweepConnections } from './sweep'

export interface RealtimeOptions {
  log: RoomLog
  rooms: RoomDirectory
  systemLines: SystemLines
  identities: Identities
  limits: RealtimeLimits
  bus: Bus
  bots: RoomBots
  /** Where other nodes give places in calls too. */
  callPlaces?: CallPlaces
  /** Who types where. @default nobody yet */
  typing?: Typing
  /** Bytes that may wait to be sent in all. @default LIMITS.unsentBytes */
  unsentBytes?: number
  /** Told what went wrong inside, with where. */
  onError: (error: unknown, where: string) => void
  /** @default performance.now */
  now?: () => number
}

/** What a transport knows of a client that has just connected. */
export interface Arrived {
  transport: Transport
  address: string
  identity?: Identity
  peerKey?: string
  /** Where the replay it asked for starts, to be confirmed in its greeting (CON-3). */
  fromSeq?: number
}

/** The running core: takes connections and their frames, and keeps the leases. */
export interface Realtime {
  readonly context: RealtimeContext
  open: (arrived: Arrived) => Connection
  /** An id for what requests name: with the name of this node, where there may be others, so that they find it. */
  newId: () => string
  /** The older connections of this one's peer are to go (CON-8). Harmless when said again. */
  replaceOlder: (connection: Connection) => void
  /** Handles one message of a client, as {@link Router.receive} does. */
  receive: Router['receive']
  /** Counts what a client makes its socket do besides frames. */
  count: Router['count']
  /** Handles the frames of one request and gives their replies, in order (SSE-3). @throws ProtocolError `rate_limited` */
  exchange: (connection: Connection, values: readonly unknown[]) => Promise<Reply[]>
  /** Sends every established connection a frame of its own. */
  tell: (frameFor: (identity: Identity) => ServerFrame) => void
  /** The transport is gone. Harmless when said twice. */
  closed: (connection: Connection) => void
  close: (connection: Connection, code: number, reason: string) => void
  /** Ends what has run out. To be called about twice a second. */
  sweep: () => void
}

/** Puts the core together. It knows no Nitro and no socket, so it runs in a plain test. */
export function createRealtime(options: RealtimeOptions): Realtime {
  const now = options.now ?? (() => performance.now())
  const { limits } = options
  const { bus } = options
  const elsewhere = new CountsElsewhere()
  const tellers = createTellers(options)
  const registry = new Registry(limits.chat, tellers.connections)
  const admission = new Admission(limits)
  const unsent = new Unsent({
    user: Math.max(LIMITS.unsentLeast.ofUser, limits.connectionsPerUser * LIMITS.unsentPerConnection.ofUser),
    address: Math.max(LIMITS.unsentLeast.ofAddress, limits.connectionsPerAddress * LIMITS.unsentPerConnection.ofAddress),
    all: options.unsentBytes ?? LIMITS.unsentBytes,
  })
  const shares = new LoopShares(LIMITS.turn)
  const presence = new Presence((roomId, userId) => tellers.present(roomId, userId, () => presence.part(roomId, userId)))
  const startedAt = now()
  const callLog = new CallLog({ ...options, isUp: bus.isUp, tell: tellCall })
  const calls = new Calls(change => callLog.note(change), (roomId, peerId) => tellers.place(roomId, peerId, () => calls.placeHere(roomId, peerId)))
  const typing = options.typing ?? new Typing()
  const hub = new Hub(close)
  const knocks = new Knocks(tellers.knock)
  const order = createRoomOrder(() => context, options)
  const context: RealtimeContext = { ...options, now, hub, order, registry, elsewhere, admission, shares, unsent, presence, calls, typing, knocks, establish, leave, expirePresence, signalHere: message => receivers.signal(message) }
  const router = new Router(context, { close, onError: (error, type) => options.onError(error, `frame ${type}`) })

  const dirty = new Set<Outbox>()
  const owners = new WeakMap<Outbox, Connection>()

  const receivers = receiversOf(context, close)
  bus.subscribe(receivers)
  followLog(context)

  function schedule(outbox: Outbox): void {
    if (dirty.size === 0) setImmediate(flushAll)
    dirty.add(outbox)
  }

  function flushAll(): void {
    const outboxes = [...dirty]
    dirty.clear()
    for (const outbox of outboxes) {
      const overrun = outbox.flush()
      const owner = owners.get(outbox)
      if (owner && overrun) close(owner, CLOSE.timeout, overrun)
      else if (owner) unsent.note(owner, outbox.leftBytes)
    }
  }

  const newId = (): string => bus.hasOthers ? `${bus.node}.${nanoid()}` : nanoid()

  function open({ transport, address, identity, peerKey, fromSeq }: Arrived): Connection {
    const at = now()
    const connection = new Connection({
      id: newId(),
      transport,
      address,
      now: at,
      peerKey,
      allowance: admission.allowance(at),
      schedule,
      giveUp: given => close(given, CLOSE.timeout, 'too much unsent in all'),
    })
    owners.set(connection.outbox, connection)
    registry.add(connection)
    if (identity) establish(connection, identity, { fromSeq })
    if (registry.fromAddress(address) + elsewhere.fromAddress(address) > limits.connectionsPerAddress) {
      // Who has not said who they are gives way: whoever asks for them, they are not kept out by nobody.
      const leaving = (identity && registry.oldestNameless(address)) ?? connection
      close(leaving, CLOSE.tooMany, 'too many connections from this address')
    }
    return connection
  }

  function establish(connection: Connection, identity: Identity, given: Established = {}): void {
    if (connection.state.phase !== 'waiting') return
    const { user, orgId, sid, expiresAt } = identity
    // Signed out while it was let in.
    if (options.identities.isRevoked(sid)) return close(connection, CLOSE.unauthorized, 'signed out')
    if (registry.ofUser(user.id).size + elsewhere.ofUser(user.id) >= limits.connectionsPerUser) {
      connection.fail(new ProtocolError('rate_limited', 'too many connections of this user', { retryAfterMs: LIMITS.presenceGraceMs }), { ref: given.ref })
      close(connection, CLOSE.tooMany, 'too many connections of this user')
      return
    }
    const peerId = options.identities.peerId(user.id, given.peerKey ?? connection.state.peerKey ?? nanoid())
    connection.state = { phase: 'established', user, orgId, peerId, sid, expiresAt }
    registry.establish(connection, user.id, peerId)
    // The answer that opens a polling connection may never arrive: until its first poll it replaces nobody.
    if (!connection.transport.isFetched) replaceOlder(connection)
    connection.ack(given.ref)
    connection.send({
      type: 'connection.established',
      connection_id: connection.id,
      peer_id: peerId,
      user,
      ...(given.token !== undefined && { token: given.token }),
      transport: connection.transport.kind,
      heartbeat_ms: LIMITS.heartbeatMs,
      ...(given.fromSeq !== undefined && { from_seq: given.fromSeq }),
      timestamp: new Date().toISOString(),
      limits: {
        frame_bytes: LIMITS.frameBytes,
        text_bytes: LIMITS.textBytes,
        signal_bytes: LIMITS.signalBytes,
        frames_per_s: limits.frames.perSecond,
        chat_per_s: limits.chat.perSecond,
        join_messages: LIMITS.joinMessages,
        log_page: LIMITS.logPage,
      },
    })
  }

  function replaceOlder(connection: Connection): void {
    if (connection.state.phase !== 'established') return
    const ofPeer = registry.ofPeer(connection.state.peerId)
    for (const older of ofPeer.slice(0, ofPeer.indexOf(connection))) older.replacedAt ??= now() + LIMITS.replacedAfterMs
    if (!bus.hasOthers || connection.hasReplaced) return
    connection.hasReplaced = true
    bus.control({ type: 'replaced', peerId: connection.state.peerId, by: connection.id })
  }

  function leave(connection: Connection, roomName: string, graceMs: number): void {
    const joined = connection.rooms.get(roomName)
    if (!joined) return
    const { room } = joined
    if (connection.state.phase === 'established') {
      const { user, peerId } = connection.state
      // Only one who leaves on purpose gives up the call too; a cut line keeps its media state for its return (RTC-2).
      if (graceMs === 0) {
        presence.setMedia(room.id, user.id, peerId, { in_call: false, mic: false, cam: false, screen: false, hand: false }, connection.id)
        calls.free(room.id, peerId, now())
      } else if (!registry.ofPeer(peerId).some(other => other !== connection && other.rooms.has(roomName))) {
        calls.away(room.id, peerId, now() + graceMs + LIMITS.mediaMemoryMs - LIMITS.presenceGraceMs)
      }
      presence.exit(room.id, user.id, peerId, connection.id, now() + graceMs)
      if (graceMs === 0) endTyping(context, room.id, user.id)
    }
    hub.detach(connection, room)
    if (!hub.room(room.id)) order.forget(room.id)
    if (graceMs === 0) expirePresence()
  }

  function expirePresence(): void {
    for (const change of presence.expire(now())) {
      const name = hub.room(change.roomId)?.name
      if (name !== undefined) announcePresence(context, name, change)
      if (change.event === 'leave') endTyping(context, change.roomId, change.member.userId)
    }
  }

  function close(connection: Connection, code: number, reason: string): void {
    if (connection.state.phase === 'closed') return
    connection.outbox.flush()
    connection.transport.close(code, reason)
    closed(connection, code === CLOSE.timeout ? 1 : LIMITS.presenceGraceMs)
  }

  function closed(connection: Connection, graceMs: number = LIMITS.presenceGraceMs): void {
    if (connection.state.phase === 'closed') return
    for (const name of [...connection.rooms.keys()]) leave(connection, name, graceMs)
    registry.remove(connection)
    unsent.forget(connection)
    // Whoever was replaced by this one is the peer's again (CON-8).
    const last = connection.state.phase === 'established' ? registry.ofPeer(connection.state.peerId).at(-1) : undefined
    if (last) last.replacedAt = undefined
    if (connection.hasReplaced && connection.state.phase === 'established') bus.control({ type: 'replaced', peerId: connection.state.peerId, by: connection.id, gone: true })
    connection.state = { phase: 'closed' }
  }

  function sweep(): void {
    const at = now()
    sweepConnections(registry.all(), at, Date.now(), close)
    for (const connection of registry.all()) unsent.note(connection)
    expirePresence()
    calls.expire(at)
    callLog.sweep(at - startedAt, calls)
    for (const typist of typing.expire(at)) announceTyping(context, typist, false, typist.elsewhere)
    for (const knock of context.knocks.expire(at, userId => registry.ofUser(userId).size + elsewhere.ofUser(userId) > 0)) knockEnded(context, knock, false)
    registry.prune(at)
    order.sweep(at)
  }

  function tellCall({ roomId, state, user }: CallChange, timestamp: string): void {
    options.systemLines.happened(roomId)
    const room = hub.room(roomId)
    if (!room) return
    room.callSince = state === 'started' ? timestamp : undefined
    const kind = state === 'started' ? 'call-started' as const : 'call-ended' as const
    bus.publish({ audience: { to: 'room', roomId }, frame: { type: 'room.line', room: room.name, line: { kind, timestamp, userId: user.id, name: user.name } } })
  }

  function tell(frameFor: (identity: Identity) => ServerFrame): void {
    for (const connection of registry.all()) {
      const identity = identityOf(connection)
      if (identity) connection.send(frameFor(identity))
    }
  }

  return {
    context,
    open,
    newId,
    replaceOlder,
    receive: (...message) => router.receive(...message),
    count: (...done) => router.count(...done),
    exchange: (connection, values) => router.exchange(connection, values),
    tell,
    closed: connection => closed(connection),
    close,
    sweep,
  }
}
