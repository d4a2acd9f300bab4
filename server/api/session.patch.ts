import { z } from 'zod'
import { personName } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'

const body = z.object({ name: personName })

/** Changes one's name: `{ name }` → `{ user }`. Connections carry it from their next reconnect on. */
export default defineRoute('PATCH /api/session', async ({ event, lastra, identity }) => {
  const { name } = parse(body, await readJsonBody(event, lastra, LIMITS.formBytes))
  return { user: await lastra.identities.rename(identity, name) }
})
