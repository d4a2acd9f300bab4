import { AgentStream } from '../../../agents/agent-stream'

/** Stops an answer: `{ streamId, finish, messageId? }` once what was said is in the log (AGT-6). */
export default defineRoute('DELETE /api/ai-agent/stream/[streamId]', async ({ lastra, stream }) => {
  const isHere = stream instanceof AgentStream
  const { finish, messageId } = isHere ? await lastra.agents.streams.stop(stream) : await stream.stop()
  return { streamId: isHere ? stream.owner.id : stream.id, finish, messageId }
})
