import '#nitro-internal-pollyfills'
import { Server } from 'node:http'
import { Server as SecureServer } from 'node:https'
import { env } from 'node:process'
import { toNodeListener } from 'h3'
import { useNitroApp } from 'nitropack/runtime'
import { boundConnections } from './http/bound-connections'
import { frontDoor } from './http/front-door'
import { listenOptions } from './http/listen'
import { openAnswers } from './http/open-answers'
import { paceReading } from './http/reading-turns'
import { warmPages } from './http/warm-pages'
import type { Lastra } from './lastra'
import { createUpgrades } from './realtime/transports/websocket-upgrades'

/**
 * The production server, in place of Nitro's own: it waits for the network with a longer queue, lets requests in by turns and takes
 * sockets as they come. A failure to listen is an uncaught error, which `server/plugins/lastra.ts` explains.
 */
const nitroApp = useNitroApp()
let running: Lastra | undefined
nitroApp.lastra.then((lastra) => {
  running = lastra
  return warmPages(path => nitroApp.localFetch(path, { headers: { accept: 'text/html' } }))
}, () => undefined)

const listener = frontDoor(toNodeListener(nitroApp.h3App), () => running)
const { NITRO_SSL_CERT: cert, NITRO_SSL_KEY: key } = env
const server = cert && key ? new SecureServer({ cert, key }, listener) : new Server(listener)
openAnswers.server = server
boundConnections(server, () => running)
paceReading(server, cert && key ? 'secureConnection' : 'connection')
server.on('upgrade', createUpgrades(nitroApp.lastra))
server.listen(listenOptions(env), () => {
  const address = server.address()
  if (address === null || typeof address === 'string') return console.log(`Listening on ${address}`)
  console.log(`Listening on ${cert && key ? 'https' : 'http'}://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`)
})
// One answer that fails must not end everybody's.
for (const kind of ['unhandledRejection', 'uncaughtException'] as const) {
  process.on(kind, (error: Error) => {
    console.error(`[${kind}]`, error)
    nitroApp.captureError(error, { tags: [kind] })
  })
}

export default {}
