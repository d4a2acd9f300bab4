import { z } from 'zod'
import { admitLine, lineQuery, lineRequest, openLine } from '../../../realtime/transports/line-request'
import { PollingTransport } from '../../../realtime/transports/polling'

const query = lineQuery.extend({ transport: z.enum(['sse', 'polling']) })

/** Opens a line whose frames are read together with those of other tabs: `{ connection_id }` (TAB-1). */
export default defineRoute('POST /api/chat/lines', async ({ event, lastra, identity }) => {
  const { transport: kind, ...rest } = parse(query, getQuery(event))
  const request = lineRequest(rest, event.node.req.headers)
  const address = requestAddress(event, lastra)
  await admitLine(lastra, identity, address, request)
  const transport = new PollingTransport(kind)
  const connection = openLine(lastra, identity, address, () => transport, request)
  lastra.polling.add(connection, transport, identity.user.id)
  return { connection_id: connection.id }
})
