import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import { identifier, messageText } from '#shared/protocol/fields'
import { personaId } from '#shared/protocol/persona'
import { LIMITS } from '#shared/protocol/limits'

const body = z.object({ sessionId: identifier, agentSlug: personaId, message: messageText, client_msg_id: identifier })

/** Says something to an agent: `{ streamId }`, where its answer is to be read (AGT-3). */
export default defineRoute('POST /api/ai-agent/stream', async ({ event, lastra, identity, requireSession }) => {
  const { sessionId, agentSlug, message, client_msg_id } = parse(body, await readJsonBody(event, lastra, LIMITS.textBodyBytes))
  const own = await requireSession(sessionId)
  if (own.session.agentSlug !== agentSlug) throw new ProtocolError('conflict', 'agentSlug: this session is with another agent')
  const persona = await lastra.agents.personas.find(identity.orgId, agentSlug)
  if (!persona) throw new ProtocolError('not_found', 'agentSlug: there is no such agent')
  if (lastra.draining) throw new ProtocolError('unavailable', 'the server is restarting', { retryAfterMs: 10_000 })
  const wait = lastra.realtime.context.registry.takeChat(identity.user.id, lastra.realtime.context.now())
  if (wait > 0) throw new ProtocolError('rate_limited', 'message: too many messages', { retryAfterMs: wait })
  return { streamId: await lastra.agents.streams.ask({ ...own, asker: identity, persona, text: message, clientMsgId: client_msg_id, address: requestAddress(event, lastra) }) }
})
