/** Opens a stream for the frames of many lines; its first event names it (TAB-3). */
export default defineApiHandler(async (event, lastra) => {
  const { user } = await requireChatIdentity(event, lastra)
  const { res } = event.node
  if (!res.destroyed) lastra.polling.openStream(user.id, res)
})
