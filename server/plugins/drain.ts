import type { Server } from 'node:http'

/** Nobody is waited for longer than this after the goodbyes are said. */
const LAST_RESORT_MS = 10_000

/** Ends the server so that nothing acked is lost and every client knows when to come back (CON-7). */
export default defineNitroPlugin((nitroApp) => {
  let server: Server | undefined
  let stopping = false
  // Nitro does not hand its HTTP server to plugins; the first request shows it, and without one nobody is connected.
  nitroApp.hooks.hook('request', (event) => {
    server ??= (event.node.req.socket as { server?: Server }).server
  })

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (stopping) return
    stopping = true
    const lastra = await nitroApp.lastra
    lastra.logger.info({ signal }, 'draining')
    server?.close()
    server?.closeIdleConnections()
    setTimeout(() => process.exit(1), lastra.config.drainMs + LAST_RESORT_MS).unref()
    await lastra.stop()
    process.exit(0)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
})
