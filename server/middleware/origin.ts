import { isOriginAllowed } from '../auth/requests'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Refuses what a foreign page would change in a signed-in person's name. The cookie's SameSite is the first line, this the second. */
export default defineEventHandler(async (event) => {
  if (SAFE.has(event.method) || !event.path.startsWith('/api/')) return
  const { config } = await useLastra()
  if (isOriginAllowed(event.node.req.headers, config)) return
  setResponseStatus(event, 403)
  return { code: 'forbidden', message: 'this origin may not post here', retryable: false }
})
