/** Stops an answer: `{ streamId, finish, messageId? }` once what was said is in the log (AGT-6). */
export default defineApiHandler(async (event, lastra) => {
  const { stream } = await requireStream(event, lastra)
  const { finish, messageId } = await lastra.agents.streams.stop(stream)
  return { streamId: stream.owner.id, finish, messageId }
})
