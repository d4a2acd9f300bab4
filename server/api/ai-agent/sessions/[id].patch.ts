import { z } from 'zod'
import { personName } from '#shared/protocol/fields'
import { LIMITS } from '#shared/protocol/limits'

const body = z.object({ title: personName.optional(), pinned: z.boolean().optional(), archived: z.boolean().optional() })

/** Renames, pins or archives a session (AGT-1). A title is an entry of its log. */
export default defineRoute('PATCH /api/ai-agent/sessions/[id]', async ({ event, lastra, identity, session, room }) => {
  const { title, ...marks } = parse(body, await readJsonBody(event, lastra, LIMITS.formBytes))
  await lastra.agents.sessions.mark(session.id, marks)
  if (title !== undefined && title !== session.title) await lastra.log.append(room.id, { type: 'room', userId: identity.user.id, title })
  return (await lastra.agents.sessions.find(identity, session.id)).session
})
