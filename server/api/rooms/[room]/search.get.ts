import { z } from 'zod'
import { LIMITS } from '#shared/protocol/limits'

const query = z.object({ q: z.string().trim().min(1, 'must not be empty').max(200, 'must be at most 200 characters') })

/** Messages that hold all the words of `q`: `{ messages }`, newest first. */
export default defineRoute('GET /api/rooms/[room]/search', async ({ event, lastra, identity, room }) => {
  const { q } = parse(query, getQuery(event))
  return sendRead(event, lastra, identity.user.id, async () => ({ messages: await lastra.log.search(room.id, q, LIMITS.searchResults) }))
})
