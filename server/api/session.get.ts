/** Sessions with less than this share of their life left are renewed. */
const RENEW_BELOW = 0.75

/** Who the browser is signed in as: `{ user }`, or 401. Renews the cookie of one who comes back. */
export default defineApiHandler(async (event, lastra) => {
  const { user, expiresAt } = await requireIdentity(event, lastra)
  const life = lastra.config.tokenDays * 86_400_000
  if (expiresAt - Date.now() < life * RENEW_BELOW) setSessionCookie(event, await lastra.identities.issue(user), lastra)
  return { user }
})
