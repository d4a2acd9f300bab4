import { pino } from 'pino'
import { readConfig } from '../config'
import { startLastra } from '../lastra'
import { CannotStart } from '../storage/cannot-start'
import { listenFailure } from '../storage/listen-failure'

/** Starts the core with the server. A server that cannot keep its promises does not run, whatever kept it from starting. */
export default defineNitroPlugin((nitroApp) => {
  const raw = useRuntimeConfig()
  const logger = pino({ level: String(raw.logLevel), base: undefined })

  function giveUp(error: unknown): void {
    if (error instanceof CannotStart) logger.fatal(`cannot start: ${error.message}`)
    else logger.fatal({ err: error }, 'cannot start')
    logger.flush(() => process.exit(1))
  }

  // Nitro listens after its plugins, and only logs it when it cannot: what is half started would hold the database and answer nobody.
  process.on('uncaughtException', (error) => {
    const sentence = listenFailure(error)
    if (sentence !== undefined) giveUp(new CannotStart(sentence, { cause: error }))
  })
  nitroApp.lastra = (async () => startLastra(readConfig(raw), logger))()
  nitroApp.lastra.catch(giveUp)
  // A development server loads itself anew in the same process: the new one waits for the data folder of the old one.
  nitroApp.hooks.hook('close', async () => {
    await (await nitroApp.lastra.catch(() => undefined))?.stop()
  })
})
