import { lineQuery, requireCapacity } from '../../realtime/transports/line-request'

/**
 * The preflight of a stream (SSE-2): `{ authenticated, userId, timestamp }`, or the status that says why a stream would
 * be refused, which a browser's EventSource cannot tell its page.
 */
export default defineApiHandler(async (event, lastra) => {
  const { user, orgId, ...identity } = await requireChatIdentity(event, lastra)
  const { room } = parse(lineQuery, getQuery(event))
  requireCapacity(lastra, { user, orgId, ...identity }, requestAddress(event, lastra))
  for (const name of room) await lastra.rooms.requireOpen(orgId, name, user)
  return { authenticated: true, userId: user.id, timestamp: new Date().toISOString() }
})
