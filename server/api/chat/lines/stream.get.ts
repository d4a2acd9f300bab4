/** Opens a stream for the frames of many lines; its first event names it (TAB-3). */
export default defineApiHandler(async (event, lastra) => {
  const { user, sid } = await requireChatIdentity(event, lastra)
  const { res } = event.node
  if (res.destroyed) return
  res.once('close', lastra.sessionEnds.on(sid, () => res.end()))
  lastra.polling.openStream(user.id, res)
})
