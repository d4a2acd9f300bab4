import { evictAll } from '../../../realtime/evict'

/** Deletes a session and everything said in it (AGT-1). */
export default defineRoute('DELETE /api/ai-agent/sessions/[id]', async ({ lastra, identity, session, room }) => {
  const dropped = await lastra.agents.remove(identity, { session, room })
  for (const id of dropped) evictAll(lastra.realtime.context, id)
  return { deleted: true }
})
