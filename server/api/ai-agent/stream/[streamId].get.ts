import { ProtocolError } from '#shared/protocol/errors'
import { LIMITS } from '#shared/protocol/limits'
import { AgentStream } from '../../../agents/agent-stream'
import { showStream } from '../../../agents/viewer'

/** An answer as the AI SDK's UI message stream, from `Last-Event-ID` on (AGT-4). The first one to ask lets the agent start. */
export default defineRoute('GET /api/ai-agent/stream/[streamId]', async ({ event, lastra, identity, stream }) => {
  const last = event.node.req.headers['last-event-id']?.toString() || [getQuery(event).lastEventId].flat().at(-1)?.toString() || '0'
  const from = /^\d{1,9}$/.test(last) ? Number(last) : Infinity
  const isHere = stream instanceof AgentStream
  if (!isHere) await stream.open(from)
  if (from > stream.events.length) throw new ProtocolError('bad_frame', 'Last-Event-ID: must be the number of an event of this stream')
  if (stream.state === 'ended' && from === stream.events.length) {
    // All was read: this is what keeps an EventSource from coming back.
    setResponseStatus(event, 204)
    return null
  }
  if (isHere && stream.viewerCount >= LIMITS.agentViewers) throw new ProtocolError('rate_limited', 'stream: too many viewers', { retryAfterMs: 5000 })
  const { res } = event.node
  if (res.destroyed) return
  res.once('close', lastra.sessionEnds.on(identity.sid, () => res.destroy()))
  showStream(stream, res, from)
  if (isHere) return lastra.agents.streams.connected(stream, from)
  const gone = new AbortController()
  res.once('close', () => gone.abort())
  // Its node is gone: whoever comes back finds what was said in the log.
  stream.follow(gone.signal).catch(() => res.destroy())
})
