import { z } from 'zod'
import { ProtocolError } from '#shared/protocol/errors'
import { personName } from '#shared/protocol/fields'
import { personaId } from '#shared/protocol/persona'
import { LIMITS } from '#shared/protocol/limits'

const body = z.object({ agentSlug: personaId, title: personName.optional() })

/** Opens a session with an agent: a room of its own (AGT-1). */
export default defineRoute('POST /api/ai-agent/sessions', async ({ event, lastra, identity }) => {
  const { agentSlug, title = '' } = parse(body, await readJsonBody(event, lastra, LIMITS.formBytes))
  if (!await lastra.agents.personas.find(identity.orgId, agentSlug)) throw new ProtocolError('not_found', 'agentSlug: there is no such agent')
  return lastra.agents.sessions.create(identity, agentSlug, title)
})
