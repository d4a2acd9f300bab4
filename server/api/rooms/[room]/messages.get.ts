import { z } from 'zod'
import { LIMITS } from '#shared/protocol/limits'

const query = z.object({
  before_seq: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  limit: z.coerce.number().int().min(1).max(LIMITS.historyPage).default(LIMITS.joinMessages),
})

/** Older messages: `{ messages, more, lines? }`, newest first, with their present content, and what happened among them (RES-8, SYS-1). */
export default defineRoute('GET /api/rooms/[room]/messages', async ({ event, lastra, identity, room }) => {
  const { before_seq, limit } = parse(query, getQuery(event))
  return sendRead(event, lastra, identity.user.id, async () => {
    const { messages, more } = await lastra.log.before(room.id, before_seq, limit)
    const lines = await lastra.systemLines.before(room.id, before_seq, more ? messages.at(-1) : undefined)
    return { messages, more, ...(lines.length > 0 && { lines }) }
  })
})
