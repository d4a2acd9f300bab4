import { admitLine, lineQuery, lineRequest, openLine } from '../../realtime/transports/line-request'
import { PollingTransport } from '../../realtime/transports/polling'

/** Opens a polling connection: `{ connection_id, frames, next }`, `connection.established` first (POL-1). */
export default defineRoute('POST /api/chat/poll', async ({ event, lastra, identity }) => {
  const request = lineRequest(parse(lineQuery, getQuery(event)), event.node.req.headers)
  const address = requestAddress(event, lastra)
  await admitLine(lastra, identity, address, request)
  const transport = new PollingTransport()
  const connection = openLine(lastra, identity, address, () => transport, request)
  lastra.polling.add(connection, transport, identity.user.id)
  connection.outbox.flush()
  return `{"connection_id":${JSON.stringify(connection.id)},"frames":[${transport.takeGreeting().join(',')}],"next":0}`
})
