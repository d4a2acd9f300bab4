import { pino } from 'pino'
import { readConfig } from '../config'
import { startLastra } from '../lastra'

/** Starts the core with the server. A server that cannot keep its promises does not run. */
export default defineNitroPlugin((nitroApp) => {
  const raw = useRuntimeConfig()
  const logger = pino({ level: String(raw.logLevel), base: undefined })
  nitroApp.lastra = (async () => startLastra(readConfig(raw), logger))()
  nitroApp.lastra.catch((error: unknown) => {
    logger.fatal({ err: error }, 'cannot start')
    logger.flush(() => process.exit(1))
  })
})
