import { tokensOf } from '../auth/requests'

/** Signs out: the session of the cookie, and of `Authorization`, is worth nothing from here on, and its connections close (CON-12). */
export default defineRoute('DELETE /api/session', async ({ event, lastra }) => {
  for (const token of tokensOf(event.node.req.headers)) await lastra.identities.revoke(token)
  clearSessionCookie(event)
  return { ok: true as const }
})
