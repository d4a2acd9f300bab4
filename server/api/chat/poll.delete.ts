import { z } from 'zod'
import { identifier } from '#shared/protocol/fields'

const query = z.object({ connection_id: identifier })

/** Closes a polling connection (POL-1). */
export default defineApiHandler(async (event, lastra) => {
  const { user } = await requireChatIdentity(event, lastra)
  lastra.polling.close(user.id, parse(query, getQuery(event)).connection_id)
  return { closed: true }
})
