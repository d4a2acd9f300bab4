/** Signs the browser out. */
export default defineApiHandler((event) => {
  clearSessionCookie(event)
  return { ok: true }
})
