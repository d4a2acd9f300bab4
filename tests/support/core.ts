import type { Bus } from '../../server/realtime/bus'
import { LocalWire, createLocalBus } from '../../server/realtime/bus/local'
import type { Connection } from '../../server/realtime/connection'
import { createRealtime } from '../../server/realtime/realtime'
import type { Realtime } from '../../server/realtime/realtime'
import type { DatabaseHandle } from '../../server/db/client'
import { createRoomLog } from '../../server/log/room-log'
import type { RoomLog } from '../../server/log/types'
import { createSystemLines } from '../../server/rooms/system-lines'
import { createRoomDirectory } from '../../server/rooms/directory'
import type { ClientFrame, ServerFrameOf, User } from '../../shared/protocol/frames'
import type { ProtocolError } from '../../shared/protocol/errors'
import { createCallPlaces } from '../../server/work/call-places'
import type { CallPlaces } from '../../server/work/call-places'
import { createLeases } from '../../server/work/leases'
import { createTestDatabase } from './database'
import type { TestDatabase } from './database'
import { FakeTransport } from './fake-transport'

/** The core without Nuxt: a real log on a real database, transports in memory, and a clock the test moves. */
export interface TestCore {
  realtime: Realtime
  log: RoomLog
  bus: Bus
  database: TestDatabase
  errors: unknown[]
  /** Moves the clock and lets the sweep run. */
  advance: (ms: number) => void
  /** Connects someone, established under the given peer key. */
  connect: (name: string, options?: { userOf?: TestClient, peerKey?: string }) => Promise<TestClient>
  dispose: () => Promise<void>
}

/** One client on a fake transport. */
export interface TestClient {
  user: User
  userId: string
  transport: FakeTransport
  connection: Connection
  /** Sends a frame with an `id` and waits for the reply that names it. */
  request: (frame: ClientFrame) => Promise<ServerFrameOf<'ack'> | ServerFrameOf<'error'>>
  send: (frame: unknown) => void
  /** Waits until everything sent was handled and written. */
  settled: () => Promise<void>
}

const LIMITS = { connectionsPerUser: 10, connectionsPerAddress: 64, frames: { perSecond: 30, burst: 60 }, chat: { perSecond: 1000, burst: 1000 }, signals: { perSecond: 100, burst: 200 } }

/**
 * Puts a core together.
 *
 * @param wrapLog what stands before the log, to hold or change what passes
 * @param wrapHandle what stands between the log and the database
 */
export async function createTestCore(wrapLog: (log: RoomLog) => RoomLog = log => log, wrapHandle: (handle: DatabaseHandle) => DatabaseHandle = handle => handle): Promise<TestCore> {
  return createNode(await createTestDatabase(), createLocalBus(), wrapLog, wrapHandle)
}

/**
 * Two cores on one database and one bus, as two nodes are.
 *
 * @param buses what joins them. @default a wire within the process
 */
export async function createTestNodes(buses?: readonly [Bus, Bus]): Promise<{ nodes: readonly [TestCore, TestCore], dispose: () => Promise<void> }> {
  const database = await createTestDatabase()
  const wire = new LocalWire()
  const [first, second] = buses ?? [wire.node(), wire.node()]
  const leases = [first, second].map(bus => createLeases(database.handle.db, bus.node, () => undefined))
  for (const lease of leases) await lease.hold()
  const nodes = [first, second].map((bus, n) => createNode(database, bus, log => log, handle => handle, createCallPlaces(database.handle.db, leases[n]!))) as [TestCore, TestCore]
  return {
    nodes,
    async dispose() {
      for (const { log } of nodes) await log.drained()
      for (const lease of leases) await lease.release()
      await database.dispose()
    },
  }
}

function createNode(database: TestDatabase, bus: Bus, wrapLog: (log: RoomLog) => RoomLog = log => log, wrapHandle: (handle: DatabaseHandle) => DatabaseHandle = handle => handle, callPlaces?: CallPlaces): TestCore {
  const log = wrapLog(createRoomLog(wrapHandle(database.handle), { remembers: roomId => realtime.context.order.follows(roomId) }))
  const errors: unknown[] = []
  let now = 0
  let refs = 0
  const identities = {
    verify: async () => undefined,
    isRevoked: () => false,
    createGuest: async (): Promise<never> => {
      throw new Error('not used here')
    },
    peerId: (userId: string, peerKey: string) => `${userId}:${peerKey}`,
  }
  const bots = {
    list: async () => [],
    streaming: () => [],
    ask: async (): Promise<never> => {
      throw new Error('not used here')
    },
    cancel: () => undefined,
  }
  const realtime = createRealtime({
    bots, callPlaces,
    log, identities, limits: LIMITS, bus, now: () => now,
    rooms: createRoomDirectory(database.handle.db, { creation: true }),
    systemLines: createSystemLines(database.handle.db, log),
    onError: (error: ProtocolError | unknown) => errors.push(error),
  })

  async function connect(name: string, options: { userOf?: TestClient, peerKey?: string } = {}): Promise<TestClient> {
    const user = options.userOf?.user ?? await database.addUser(name)
    const transport = new FakeTransport()
    const connection = realtime.open({ transport, address: name, identity: { user, orgId: 'main', sid: `sid-of-${name}`, expiresAt: Number.MAX_SAFE_INTEGER }, peerKey: options.peerKey ?? `key-of-${name}` })
    const settled = async () => {
      do {
        await connection.tail
        await new Promise(resolve => setImmediate(resolve))
      } while (connection.pending > 0)
    }
    const send = (frame: unknown) => realtime.receive(connection, typeof frame === 'string' ? frame : JSON.stringify(frame))
    return {
      user, userId: user.id, transport, connection, settled, send,
      async request(frame) {
        const id = `r${++refs}`
        send({ ...frame, id })
        await settled()
        const reply = transport.frames.find(candidate => 'ref' in candidate && candidate.ref === id)
        if (reply?.type !== 'ack' && reply?.type !== 'error') throw new Error(`no reply to ${frame.type}`)
        return reply
      },
    }
  }

  return {
    realtime, log, bus, database, errors, connect,
    advance(ms) {
      now += ms
      realtime.sweep()
    },
    async dispose() {
      await log.drained()
      await database.dispose()
    },
  }
}
