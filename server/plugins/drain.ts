import { ServerResponse } from 'node:http'
import type { Server } from 'node:http'

/** Nobody is waited for longer than this after the goodbyes are said. */
const LAST_RESORT_MS = 10_000

/** How long answers may take to leave once all is said. */
const LAST_ANSWERS_MS = 2_000

/** Ends the server so that nothing acked is lost and every client knows when to come back (CON-7). */
export default defineNitroPlugin((nitroApp) => {
  let server: Server | undefined
  let stopping = false
  const answers = new Set<ServerResponse>()
  // Nitro does not hand its HTTP server to plugins; the first request shows it, and without one nobody is connected.
  nitroApp.hooks.hook('request', ({ node: { req, res } }) => {
    server ??= (req.socket as { server?: Server }).server
    // A page rendered here asks its own server without a network: such an answer would be kept for ever, it never closes.
    if (!(res instanceof ServerResponse)) return
    answers.add(res)
    res.once('close', () => answers.delete(res))
  })

  /** Waits for what is being answered: the last frames of a poll leave a moment after they were written to it. */
  async function answered(): Promise<void> {
    const all = Promise.all([...answers].map(res => new Promise(resolve => res.once('close', resolve))))
    await Promise.race([all, new Promise(resolve => setTimeout(resolve, LAST_ANSWERS_MS))])
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping) return
    stopping = true
    const lastra = await nitroApp.lastra
    lastra.logger.info({ signal }, 'draining')
    setTimeout(() => process.exit(1), lastra.config.drainMs + LAST_RESORT_MS).unref()
    // The port stays open meanwhile: those who are still here send and poll by requests, each perhaps a connection of its own.
    await lastra.drain()
    server?.close()
    await answered()
    await lastra.stop()
    process.exit(0)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
})
