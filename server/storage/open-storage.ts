import { join } from 'node:path'
import type { Logger } from 'pino'
import { loadSecrets, loadSharedSecrets } from '../auth/secrets'
import type { Secrets } from '../auth/secrets'
import type { LastraConfig } from '../config'
import { openDatabase } from '../db/client'
import type { DatabaseHandle, DatabaseOptions } from '../db/client'
import { lockFolder } from './folder-lock'
import { FAULTS } from './guard'
import { DATABASE_FILE, SECRETS_FILE, hasBeenUsed } from './intact'

/** Where everything is kept. */
export interface Storage {
  readonly handle: DatabaseHandle
  readonly secrets: Secrets
  /** Whether other nodes write there too. */
  readonly isShared: boolean
  /** Closes the database, and gives back what this process alone may use. */
  close: () => Promise<void>
}

/**
 * Opens where everything is kept: a data folder of this process alone, with an embedded database and a file of secrets; or PostgreSQL,
 * which has the secrets as well, so that all its nodes have the same ones and need no folder.
 *
 * @throws CannotStart when it cannot be used
 */
export function openStorage(config: Pick<LastraConfig, 'dataDir' | 'databaseUrl' | 'databaseConnections'>, logger: Logger): Promise<Storage> {
  const told: DatabaseOptions = {
    onUpgrade: step => logger.info({ step }, 'bringing the database up to date; with a long past this takes a while, leave it running'),
    onFault(fault, cause) {
      if (fault) logger.error({ fault, err: cause }, `nothing is stored: ${FAULTS[fault]}`)
      else logger.info('storing again')
    },
  }
  return config.databaseUrl === '' ? openFolder(config.dataDir, told) : openShared(config, told)
}

async function openFolder(dataDir: string, told: DatabaseOptions): Promise<Storage> {
  const lock = await lockFolder(dataDir)
  const handle = await openDatabase(join(dataDir, DATABASE_FILE), { ...told, used: hasBeenUsed(dataDir) })
  return {
    handle,
    // Last: where secrets are, a whole database was.
    secrets: loadSecrets(join(dataDir, SECRETS_FILE)),
    isShared: false,
    async close() {
      await handle.close()
      lock.release()
    },
  }
}

async function openShared({ databaseUrl, databaseConnections }: Pick<LastraConfig, 'databaseUrl' | 'databaseConnections'>, told: DatabaseOptions): Promise<Storage> {
  const handle = await openDatabase(databaseUrl, { ...told, connections: databaseConnections })
  return { handle, secrets: await loadSharedSecrets(handle.db), isShared: true, close: () => handle.close() }
}
