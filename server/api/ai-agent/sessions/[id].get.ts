import { LIMITS } from '#shared/protocol/limits'

/** One session with its newest messages, oldest first, and the answer on its way, if there is one (AGT-1). */
export default defineRoute('GET /api/ai-agent/sessions/[id]', async ({ lastra, session, room }) => {
  const { messages, more } = await lastra.log.before(room.id, Number.MAX_SAFE_INTEGER, LIMITS.joinMessages)
  const stream = lastra.agents.streams.ofSession(session.id)
  const elsewhere = lastra.agents.elsewhere.activeIn(session.id)
  return { ...session, messages: messages.reverse(), more, ...(stream ? { stream: { streamId: stream.owner.id, state: stream.state } } : elsewhere !== undefined && { stream: { streamId: elsewhere, state: 'streaming' as const } }) }
})
