/** Opens a stream for the frames of many lines; its first event names it (TAB-3). */
export default defineRoute('GET /api/chat/lines/stream', async ({ event, lastra, identity: { user, sid } }) => {
  const { res } = event.node
  if (res.destroyed) return
  res.once('close', lastra.sessionEnds.on(sid, () => res.end()))
  lastra.polling.openStream(user.id, res)
})
