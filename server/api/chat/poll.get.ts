import { z } from 'zod'
import { identifier } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'

const query = z.object({
  connection_id: identifier,
  after: z.coerce.number().int('must be a whole number').min(0, 'must not be negative').max(Number.MAX_SAFE_INTEGER).default(0),
  wait_ms: z.coerce.number().int('must be a whole number').min(0, 'must not be negative').max(LIMITS.pollWaitMs, `must be at most ${LIMITS.pollWaitMs}`).default(0),
})

/** Brings the frames after `after`, and waits for one where there is none yet: `{ frames, next }` (POL-1). */
export default defineRoute('GET /api/chat/poll', async ({ event, lastra, identity: { user } }) => {
  const { connection_id, after, wait_ms } = parse(query, getQuery(event))
  const { res } = event.node
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  // It may have gone while we found out who it is.
  if (res.destroyed) leave()
  res.once('close', leave)
  const json = await lastra.lines.poll(user.id, connection_id, after, wait_ms, gone.signal)
  res.off('close', leave)
  return json
})
