import { z } from 'zod'
import { LIMITS } from '#shared/protocol/limits'

const query = z.object({
  archived: z.enum(['true', 'false']).default('false').transform(value => value === 'true'),
  limit: z.coerce.number().int().min(1).max(LIMITS.agentSessionsPage).default(50),
  offset: z.coerce.number().int().min(0).max(LIMITS.agentSessions).default(0),
})

/** One's own sessions: `{ sessions, more }`, the pinned ones first, then those last spoken in (AGT-1). */
export default defineRoute('GET /api/ai-agent/sessions', async ({ event, lastra, identity }) => {
  return lastra.agents.sessions.list(identity, parse(query, getQuery(event)))
})
