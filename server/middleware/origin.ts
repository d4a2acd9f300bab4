import { isOriginAllowed } from '../auth/requests'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Where a GET starts or listens to something. */
const LISTENING = ['/api/chat/', '/api/ai-agent/']
const CORS = {
  'Access-Control-Allow-Credentials': 'true',
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, last-event-id',
  'Access-Control-Expose-Headers': 'retry-after',
  'Access-Control-Max-Age': '600',
}

/**
 * Refuses what a foreign page would change in a signed-in person's name, and streams and polls it would listen to (CON-1).
 * The cookie's SameSite is the first line, this the second. Pages of an origin on the allow-list may read the answers.
 */
export default defineEventHandler(async (event) => {
  if (!event.path.startsWith('/api/')) return
  const { headers } = event.node.req
  if (headers.origin === undefined) return
  const { config } = await useLastra()
  if (!isOriginAllowed(headers, config)) {
    if (SAFE.has(event.method) && !LISTENING.some(path => event.path.startsWith(path))) return
    setResponseStatus(event, 403)
    return { code: 'forbidden', message: 'this origin may not come here', retryable: false }
  }
  if (!config.allowedOrigins.has(headers.origin)) return
  setResponseHeaders(event, { ...CORS, 'Access-Control-Allow-Origin': headers.origin, 'Vary': 'Origin' })
  if (event.method === 'OPTIONS') {
    setResponseStatus(event, 204)
    return ''
  }
})
