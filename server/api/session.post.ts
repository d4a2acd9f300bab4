import { z } from 'zod'
import { personName } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'

const body = z.object({ name: personName })

/** Makes a guest: `{ name }` → `{ user, token }`, and the session cookie (CON-2). */
export default defineRoute('POST /api/session', async ({ event, lastra }) => {
  const { name } = parse(body, await readJsonBody(event, lastra, LIMITS.formBytes))
  const { identity, token } = await lastra.identities.createGuest(name, requestAddress(event, lastra))
  setSessionCookie(event, token, lastra)
  return { user: identity.user, token }
})
