/** Deletes a session and everything said in it (AGT-1). */
export default defineRoute('DELETE /api/ai-agent/sessions/[id]', async ({ lastra, identity, session, room }) => {
  const dropped = await lastra.agents.remove(identity, { session, room })
  for (const roomId of dropped) lastra.bus.control({ type: 'evict', roomId })
  return { deleted: true as const }
})
