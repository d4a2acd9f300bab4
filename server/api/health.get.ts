/** Answers once the server is ready: the database is open and connections are taken. */
export default defineApiHandler((event, { draining, realtime }) => {
  if (draining) setResponseStatus(event, 503)
  return { status: draining ? 'draining' : 'ok', connections: realtime.context.registry.size }
})
