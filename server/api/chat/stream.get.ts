import { admitLine, lineQuery, lineRequest, openLine } from '../../realtime/transports/line-request'
import { createSseTransport } from '../../realtime/transports/sse'

/** Opens a stream of events that has joined the rooms asked for (SSE-1). */
export default defineRoute('GET /api/chat/stream', async ({ event, lastra, identity }) => {
  const request = lineRequest(parse(lineQuery, getQuery(event)), event.node.req.headers)
  const address = requestAddress(event, lastra)
  await admitLine(lastra, identity, address, request)
  const { res } = event.node
  if (res.destroyed) return
  const { realtime } = lastra
  const idRoom = request.rooms.length === 1 ? request.rooms[0] : undefined
  const connection = openLine(lastra, identity, address, () => createSseTransport(res, idRoom, realtime.context.now()), request)
  res.once('close', () => realtime.closed(connection))
})
