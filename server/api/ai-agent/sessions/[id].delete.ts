import { evictAll } from '../../../realtime/evict'

/** Deletes a session and everything said in it (AGT-1). */
export default defineApiHandler(async (event, lastra) => {
  const { owner, ...own } = await requireSession(event, lastra)
  await lastra.agents.remove(owner, own)
  evictAll(lastra.realtime.context, own.room.id)
  return { deleted: true }
})
