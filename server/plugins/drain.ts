import { openAnswers } from '../http/open-answers'

/** Nobody is waited for longer than this after the goodbyes are said. */
const LAST_RESORT_MS = 10_000

/** How long answers may take to leave once all is said. */
const LAST_ANSWERS_MS = 2_000

/** Ends the server so that nothing acked is lost and every client knows when to come back (CON-7). */
export default defineNitroPlugin((nitroApp) => {
  let stopping = false

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping) return
    stopping = true
    const lastra = await nitroApp.lastra
    lastra.logger.info({ signal }, 'draining')
    setTimeout(() => process.exit(1), lastra.config.drainMs + LAST_RESORT_MS).unref()
    // The port stays open meanwhile: those who are still here send and poll by requests, each perhaps a connection of its own.
    await lastra.drain()
    openAnswers.server?.close()
    await openAnswers.settled(LAST_ANSWERS_MS)
    await lastra.stop()
    process.exit(0)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
})
