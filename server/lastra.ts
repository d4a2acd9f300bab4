import { join } from 'node:path'
import type { Logger } from 'pino'
import { createIdentities } from './auth/identities'
import type { Identities } from './auth/identities'
import { loadSecrets } from './auth/secrets'
import { createUsers } from './auth/users'
import type { LastraConfig } from './config'
import { openDatabase } from './db/client'
import { createRoomLog } from './log/room-log'
import type { RoomLog } from './log/types'
import { createLocalBus } from './realtime/bus/local'
import { drainConnections } from './realtime/drain'
import { KeyedBuckets } from './limits/token-bucket'
import { createRealtime } from './realtime/realtime'
import type { Realtime } from './realtime/realtime'
import { createRoomDirectory } from './rooms/directory'
import type { RoomDirectory } from './rooms/directory'
import { LIMITS } from '#shared/protocol/limits'

const SWEEP_MS = 500

/** A running Lastra: what HTTP handlers and the WebSocket handler work with. */
export interface Lastra {
  readonly config: LastraConfig
  readonly realtime: Realtime
  readonly log: RoomLog
  readonly rooms: RoomDirectory
  readonly identities: Identities
  /** HTTP requests a user may make. */
  readonly requests: KeyedBuckets
  readonly logger: Logger
  /** Set once the server is on its way down: nobody new is let in. */
  draining: boolean
  /** Says goodbye to every client, waits until all that was acked is on disk, and closes the database (CON-7). */
  stop: () => Promise<void>
}

/** Opens the database, reads or makes the secrets, and puts the core together. @throws when the data folder is unusable */
export async function startLastra(config: LastraConfig, logger: Logger): Promise<Lastra> {
  const handle = await openDatabase(join(config.dataDir, 'lastra.db'))
  const secrets = loadSecrets(join(config.dataDir, 'secrets.json'))
  const users = await createUsers(handle.db, config)
  const identities = createIdentities({ ...config, users, secrets })
  const log = createRoomLog(handle, { onError: error => logger.error({ err: error }, 'commit failed') })
  const rooms = createRoomDirectory(handle.db, { creation: config.roomCreation, perMinute: config.limits.roomsPerMinute })
  const { limits } = config
  const realtime = createRealtime({
    log,
    rooms,
    identities,
    bus: createLocalBus(),
    limits: {
      connectionsPerUser: limits.connectionsPerUser,
      connectionsPerAddress: limits.connectionsPerAddress,
      frames: { perSecond: limits.frameRate, burst: limits.frameBurst },
      chat: { perSecond: limits.chatRate, burst: limits.chatBurst },
      signals: { perSecond: LIMITS.signalRate, burst: LIMITS.signalBurst },
    },
    onError: (error, where) => logger.error({ err: error, where }, 'handler failed'),
  })
  const sweeping = setInterval(() => realtime.sweep(), SWEEP_MS)
  const lastra: Lastra = {
    config,
    realtime,
    log,
    rooms,
    identities,
    requests: new KeyedBuckets({ perSecond: limits.frameRate, burst: limits.frameBurst }),
    logger,
    draining: false,
    async stop() {
      lastra.draining = true
      await drainConnections(realtime, config.drainMs)
      clearInterval(sweeping)
      await log.drained()
      await handle.close()
    },
  }
  return lastra
}
