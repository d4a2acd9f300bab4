import { createHmac } from 'node:crypto'
import { getHeapStatistics } from 'node:v8'
import type { Logger } from 'pino'
import { createAgents } from './agents/agents'
import type { Agents } from './agents/agents'
import { createAnswers } from './ai/answers'
import { createBots } from './ai/bots'
import pages from '#docs'
import { createBuiltInEngine } from './ai/built-in'
import { createEngines } from './ai/engines'
import { createPersonaStore } from './ai/persona-store'
import { createRoomBots } from './ai/room-bots'
import { createStreamStore } from './ai/stream-store'
import { createTimers } from './ai/timers'
import { Turns } from './ai/turns'
import { catchUp } from './work/catch-up'
import { createCallPlaces } from './work/call-places'
import { createLeases } from './work/leases'
import { createAudit } from './audit/audit'
import { createIdentities } from './auth/identities'
import type { Identities } from './auth/identities'
import { createSessions } from './auth/sessions'
import { SessionEnds } from './auth/session-ends'
import { createRoles, createUsers } from './auth/users'
import type { LastraConfig } from './config'
import { createRoomLog } from './log/room-log'
import type { RoomLog } from './log/types'
import { BodyShares } from './http/body'
import type { Bus } from './realtime/bus'
import { createLocalBus } from './realtime/bus/local'
import { createRedisBus } from './realtime/bus/redis'
import { drainConnections } from './realtime/drain'
import { KeyedBuckets } from './limits/token-bucket'
import { createRealtime } from './realtime/realtime'
import type { Realtime } from './realtime/realtime'
import { PollingLines } from './realtime/transports/polling-lines'
import { PostedLines } from './realtime/transports/posted-lines'
import { Typing } from './realtime/typing'
import type { Fault } from './storage/guard'
import { openStorage } from './storage/open-storage'
import type { Storage } from './storage/open-storage'
import { assignedTransport } from './rollout/policy'
import { createTransportFlag } from './rollout/transport-flag'
import type { TransportFlag } from './rollout/transport-flag'
import { createRoomDirectory } from './rooms/directory'
import type { RoomDirectory } from './rooms/directory'
import { createSystemLines } from './rooms/system-lines'
import type { SystemLines } from './rooms/system-lines'
import { LIMITS } from '#shared/protocol/limits'

const SWEEP_MS = 500
const PRUNE_MS = 60_000
const WATCH_MS = 2_000
/** How often a node looks for answers that others have left behind. */
const TAKE_OVER_MS = 5_000

/** A running Lastra: what HTTP handlers and the WebSocket handler work with. */
export interface Lastra {
  readonly config: LastraConfig
  readonly realtime: Realtime
  readonly bus: Bus
  readonly log: RoomLog
  readonly rooms: RoomDirectory
  readonly systemLines: SystemLines
  readonly identities: Identities
  /** What goes on for as long as somebody is signed in, beside their connections. */
  readonly sessionEnds: SessionEnds
  /** HTTP requests a user may make. */
  readonly requests: KeyedBuckets
  /** Requests of a user's chat connections, which count their frames themselves. */
  readonly exchanges: KeyedBuckets
  readonly polling: PollingLines
  /** The same and streams, whichever node a request comes to. */
  readonly lines: PostedLines
  /** What bodies of requests may hold in memory. */
  readonly bodies: BodyShares
  readonly agents: Agents
  readonly transportFlag: TransportFlag
  readonly logger: Logger
  /** What keeps the server from storing anything now. */
  storageFault: () => Fault | undefined
  /** Set once the server is on its way down: nobody new is let in. */
  draining: boolean
  /** Lets nobody new in, and says goodbye to every client (CON-7). */
  drain: () => Promise<void>
  /** Waits until all that was acked is on disk, and closes the database. */
  stop: () => Promise<void>
}

/** What nodes tell each other by. Channels have a name that only nodes with the same secrets know, so that a Redis may serve others too. */
function createBus({ redisUrl }: LastraConfig, { isShared, secrets: { peerSecret } }: Storage, logger: Logger): Bus {
  if (redisUrl === '') return createLocalBus(isShared)
  return createRedisBus({
    url: redisUrl,
    prefix: `lastra:${createHmac('sha256', peerSecret).update('bus').digest('base64url').slice(0, 16)}`,
    onChange(isUp, reason) {
      if (isUp) logger.info('Redis: connected')
      else logger.error({ reason }, 'Redis cannot be reached: what other nodes say comes late')
    },
    onError: (error, where) => logger.error({ err: error, where }, 'bus failed'),
  })
}

/** Opens where everything is kept, and puts the core together. @throws CannotStart when that cannot be used */
export async function startLastra(config: LastraConfig, logger: Logger): Promise<Lastra> {
  const storage = await openStorage(config, logger)
  const { handle, secrets } = storage
  const users = await createUsers(handle.db, config)
  const sessions = createSessions(handle.db)
  const identities = createIdentities({ ...config, users, sessions, secrets })
  const bus = createBus(config, storage, logger)
  let follows = (_roomId: string): boolean => !bus.hasOthers
  const log = createRoomLog(handle, { quotas: config.quotas, isShared: bus.hasOthers, remembers: roomId => follows(roomId), onError: error => logger.error({ err: error }, 'commit failed') })
  const rooms = createRoomDirectory(handle.db, { creation: config.roomCreation, perMinute: config.limits.roomsPerMinute, roleOf: createRoles(config) })
  const systemLines = createSystemLines(handle.db, log)
  const { limits } = config
  const botFailed = (error: unknown, where: string): void => logger.error({ err: error, where }, 'bot failed')
  const personas = createPersonaStore(handle.db, orgId => bus.control({ type: 'personas', orgId }))
  const turns = new Turns()
  const now = (): number => performance.now()
  const roomBots = createRoomBots(handle.db, log)
  const leases = bus.hasOthers ? createLeases(handle.db, bus.node, botFailed) : undefined
  await leases?.hold()
  const timers = createTimers({ nodes: leases, db: handle.db, log, rooms, personas, roomBots, onError: botFailed, now: Date.now })
  const builtIn = createBuiltInEngine(log, pages, timers)
  const engineOf = createEngines(config.ai, builtIn)
  // Where an address may have more connections, more people are behind it.
  const perAddress = Math.min(LIMITS.streams, Math.ceil(limits.connectionsPerAddress * LIMITS.streamShareOfConnections))
  const answers = createAnswers({ log, bus, turns, now, streams: createStreamStore(handle.db, leases), silenceMs: config.ai.silenceMs, perAddress, onError: botFailed })
  const typing = new Typing()
  const bots = createBots({ log, bus, rooms, personas, answers, turns, engineOf, now, typing: (roomId, exceptUser) => typing.inRoom(roomId, exceptUser), roomBots, addressOf: userId => realtime.context.registry.addressOf(userId), onError: botFailed })
  const audit = createAudit(handle.db, error => botFailed(error, 'audit'), config.auditEntries)
  const agents = createAgents({ db: handle.db, bus, log, personas, answers, turns, engineOf, audit, sessionsPerMinute: limits.roomsPerMinute, perAddress, silenceMs: config.ai.silenceMs, onError: botFailed })
  await Promise.all([answers.recover(), timers.load()])
  log.resume()
  const realtime = createRealtime({
    log,
    rooms,
    systemLines,
    identities,
    bus,
    bots,
    callPlaces: leases && createCallPlaces(handle.db, leases),
    typing,
    // A small heap ends before a bound that is made for a large one.
    unsentBytes: Math.min(LIMITS.unsentBytes, getHeapStatistics().heap_size_limit * LIMITS.unsentOfHeap),
    limits: {
      connectionsPerUser: limits.connectionsPerUser,
      connectionsPerAddress: limits.connectionsPerAddress,
      frames: { perSecond: limits.frameRate, burst: limits.frameBurst },
      chat: { perSecond: limits.chatRate, burst: limits.chatBurst },
      signals: { perSecond: LIMITS.signalRate, burst: LIMITS.signalBurst },
    },
    onError: (error, where) => logger.error({ err: error, where }, 'handler failed'),
  })
  follows = roomId => realtime.context.order.follows(roomId)
  const sweeping = setInterval(() => {
    realtime.sweep()
    bots.sweep()
    void timers.sweep()
  }, SWEEP_MS)
  const pruning = setInterval(() => {
    turns.prune(now())
    void audit.prune()
    sessions.prune().catch((error: unknown) => logger.error({ err: error }, 'sessions not pruned'))
  }, PRUNE_MS)
  const takingOver = leases && setInterval(() => {
    answers.recover().catch((error: unknown) => botFailed(error, 'taking over answers'))
  }, TAKE_OVER_MS)
  let stopped: Promise<void> | undefined
  const sessionEnds = new SessionEnds()
  const transportFlag = await createTransportFlag(handle.db, config.transport)
  const tellTransports = async (): Promise<void> => {
    const policy = await transportFlag.reload()
    realtime.tell(({ user: { id } }) => ({ type: 'transport.flag', transport: assignedTransport(policy, id) }))
  }
  sessions.onRevoked(sid => bus.control({ type: 'sign-out', sid }))
  bus.subscribe({
    control(what) {
      if (what.type === 'sign-out') {
        sessions.noteRevoked(what.sid)
        sessionEnds.ended(what.sid)
      }
      if (what.type === 'personas') personas.forget(what.orgId)
      if (what.type === 'transport-policy') tellTransports().catch((error: unknown) => logger.error({ err: error }, 'transport policy not told'))
    },
  })
  const lookForSignOuts = catchUp({
    bus, onError: botFailed,
    connections: () => realtime.context.registry.all(),
    endedAmong: sids => sessions.endedAmong(sids),
    // As if the node that ended it could be heard.
    signOut: sid => bus.control({ type: 'sign-out', sid }),
    forget() {
      for (const cache of [personas, roomBots, systemLines, builtIn]) cache.forget()
      tellTransports().catch((error: unknown) => botFailed(error, 'transport policy'))
    },
  })
  // Who only reads would never find out that there is space again, or that the database is gone.
  const watching = setInterval(() => {
    if (handle.fault()) void handle.probe()
    lookForSignOuts()
  }, WATCH_MS)
  const polling = new PollingLines(realtime)
  const lastra: Lastra = {
    config,
    realtime,
    bus,
    log,
    rooms,
    systemLines,
    identities,
    sessionEnds,
    requests: new KeyedBuckets({ perSecond: limits.frameRate, burst: limits.frameBurst }),
    exchanges: new KeyedBuckets({ perSecond: limits.frameRate * limits.connectionsPerUser, burst: limits.frameBurst * limits.connectionsPerUser }),
    polling,
    lines: new PostedLines(bus, realtime, polling),
    bodies: new BodyShares({ total: LIMITS.bodiesBytes, perAddress: LIMITS.bodiesBytesPerAddress }),
    agents,
    transportFlag,
    logger,
    storageFault: handle.fault,
    draining: false,
    async drain() {
      lastra.draining = true
      agents.streams.close()
      await agents.tries.close()
      await answers.stop()
      await drainConnections(realtime, config.drainMs)
      await lastra.polling.goodbyesFetched()
    },
    stop: () => stopped ??= (async () => {
      for (const timer of [sweeping, watching, pruning, takingOver]) clearInterval(timer)
      await Promise.all([log.drained(), audit.drained()])
      await leases?.release().catch((error: unknown) => botFailed(error, 'giving up the lease'))
      await bus.close()
      await storage.close()
    })(),
  }
  return lastra
}
