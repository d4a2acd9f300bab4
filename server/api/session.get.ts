/** Sessions with less than this share of their life left are renewed. */
const RENEW_BELOW = 0.75

/**
 * Who the browser is signed in as: `{ user, expires_in_ms }`, or 401. Renews the cookie of one who comes back, and of a page that stays
 * open and asks before it runs out.
 */
export default defineRoute('GET /api/session', async ({ event, lastra, identity }) => {
  const life = lastra.config.tokenDays * 86_400_000
  const left = identity.expiresAt - Date.now()
  const isRenewed = left < life * RENEW_BELOW
  if (isRenewed) setSessionCookie(event, await lastra.identities.renew(identity), lastra)
  return { user: identity.user, expires_in_ms: Math.round(isRenewed ? life : left) }
})
