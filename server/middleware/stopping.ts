import { HTTP_STATUS, ProtocolError } from '#shared/protocol/errors'

/** What those who are connected go on using until their goodbye: their lines, and the log that fills their gaps. Whoever watches the server is told too. */
const THEIRS = /^\/api\/(?:chat\/|rooms\/|health\b)/
const RETRY_AFTER_S = 10

/** Takes nobody new while the server goes down; who has a connection keeps it until its turn comes (CON-7). */
export default defineEventHandler(async (event) => {
  const { draining } = await useLastra()
  if (!draining || THEIRS.test(event.path)) return
  const { code, message, retryable } = new ProtocolError('unavailable', 'the server is restarting')
  setResponseStatus(event, HTTP_STATUS[code])
  setResponseHeader(event, 'Retry-After', RETRY_AFTER_S)
  return { code, message, retryable, retry_after_ms: RETRY_AFTER_S * 1000 }
})
