import { z } from 'zod'
import { LIMITS } from '#shared/protocol/limits'

const query = z.object({
  from_seq: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  limit: z.coerce.number().int().min(1).max(LIMITS.logPage).default(LIMITS.replayEntries),
})

/** A page of the log: `{ entries, head, epoch, floor }`, entries with `seq > from_seq`, oldest first (RES-5). */
export default defineRoute('GET /api/rooms/[room]/log', async ({ event, lastra, identity, room }) => {
  const { from_seq, limit } = parse(query, getQuery(event))
  return sendRead(event, lastra, identity.user.id, async () => {
    const { entries, head, epoch, floor } = await lastra.log.since(room.id, from_seq, limit)
    return { entries, head, epoch, floor }
  })
})
