/** Stops an answer: `{ streamId, finish, messageId? }` once what was said is in the log (AGT-6). */
export default defineRoute('DELETE /api/ai-agent/stream/[streamId]', async ({ lastra, stream }) => {
  const { finish, messageId } = await lastra.agents.streams.stop(stream)
  return { streamId: stream.owner.id, finish, messageId }
})
