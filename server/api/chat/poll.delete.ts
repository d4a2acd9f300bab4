import { z } from 'zod'
import { identifier } from '#shared/protocol/fields'

const query = z.object({ connection_id: identifier })

/** Closes a polling connection (POL-1). */
export default defineRoute('DELETE /api/chat/poll', async ({ event, lastra, identity: { user } }) => {
  await lastra.lines.close(user.id, parse(query, getQuery(event)).connection_id)
  return { closed: true }
})
