import type { Server } from 'node:http'

/** Longer than proxies keep a connection they do not use (nginx: 60 s): otherwise one sends a request just as we close. */
const KEEP_ALIVE_MS = 75_000

/** Keeps connections between requests open; Node's own five seconds race with every proxy. */
export default defineNitroPlugin((nitroApp) => {
  let server: Server | undefined
  // Nitro does not hand its HTTP server to plugins; the first request shows it.
  nitroApp.hooks.hook('request', ({ node: { req } }) => {
    if (server) return
    server = (req.socket as { server?: Server }).server
    if (server) server.keepAliveTimeout = KEEP_ALIVE_MS
  })
})
