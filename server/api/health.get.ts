import { FAULTS } from '../storage/guard'
import type { Fault } from '../storage/guard'

/** Which check each fault of the storage fails. */
const CHECK_OF: Record<Fault, 'data_folder' | 'disk' | 'database'> = {
  gone: 'data_folder', replaced: 'data_folder', full: 'disk', failing: 'disk', locked: 'database', unreachable: 'database',
}

/** What is said of a Redis that cannot be reached. */
const UNREACHED = 'unreachable: what other nodes say comes late; see that NUXT_REDIS_URL is right and Redis runs'

/**
 * Whether the server does its work: `{ status, checks, connections }`, with 503 where it does not. A check that fails says why and
 * what to do; `status` is `ok`, `draining` or `failing`. Without Redis a node does its work, and hears late of others: that is said, and
 * fails nothing.
 */
export default defineRoute('GET /api/health', ({ event, lastra: { config, draining, storageFault, realtime, bus } }) => {
  const fault = storageFault()
  if (draining || fault) setResponseStatus(event, 503)
  return {
    status: draining ? 'draining' as const : fault ? 'failing' as const : 'ok' as const,
    checks: {
      data_folder: 'ok', disk: 'ok', database: 'ok',
      ...(fault && { [CHECK_OF[fault]]: `${fault}: ${FAULTS[fault]}` }),
      ...(config.redisUrl !== '' && { redis: bus.isUp() ? 'ok' : UNREACHED }),
    },
    connections: realtime.context.registry.size,
  }
})
