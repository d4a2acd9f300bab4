import type { ListenOptions } from 'node:net'

/**
 * Connections that may wait to be accepted, as far as the system allows (`net.core.somaxconn`). Node's own 511 is less than what comes
 * back at once when a network does, and who finds no place asks again after a second.
 */
const BACKLOG = 4096

const DEFAULT_PORT = 3000

/** Where to listen, by the environment's `NITRO_UNIX_SOCKET`, or `PORT` and `HOST`, which `NITRO_PORT` and `NITRO_HOST` override. */
export function listenOptions(env: Readonly<Record<string, string | undefined>>): ListenOptions {
  if (env.NITRO_UNIX_SOCKET) return { path: env.NITRO_UNIX_SOCKET, backlog: BACKLOG }
  const given = env.NITRO_PORT || env.PORT
  const port = given === undefined || given === '' || !Number.isInteger(Number(given)) ? DEFAULT_PORT : Number(given)
  return { port, host: env.NITRO_HOST || env.HOST || undefined, backlog: BACKLOG }
}
