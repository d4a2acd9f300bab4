import { iceServersFor } from '../call/ice-servers'

/** The STUN and TURN servers a call may use, with credentials for this user and for a limited time (RTC-3). */
export default defineRoute('GET /api/ice-servers', async ({ lastra, identity: { user } }) => {
  return iceServersFor(lastra.config, user.id, Date.now())
})
