import { lineQuery, requireCapacity } from '../../realtime/transports/line-request'

/**
 * The preflight of a stream (SSE-2): `{ authenticated, userId, timestamp }`, or the status that says why a stream would
 * be refused, which a browser's EventSource cannot tell its page.
 */
export default defineRoute('POST /api/chat/stream', async ({ event, lastra, identity }) => {
  const { room } = parse(lineQuery, getQuery(event))
  requireCapacity(lastra, identity, requestAddress(event, lastra))
  for (const name of room) await lastra.rooms.requireOpen(identity.orgId, name, identity.user)
  return { authenticated: true, userId: identity.user.id, timestamp: new Date().toISOString() }
})
