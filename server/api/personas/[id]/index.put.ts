import { z } from 'zod'
import { personaId, personaSettings } from '#shared/protocol/persona'
import { LIMITS } from '#shared/protocol/limits'

const body = personaSettings.extend({ version: z.number().int().min(0).optional() })

/** Makes a new version of a persona, or a new persona (AGT-8). With the `version` it was made from, nobody's change is lost. */
export default defineRoute('PUT /api/personas/[id]', async ({ event, lastra, identity: { user, orgId } }) => {
  const id = parse(personaId, getRouterParam(event, 'id'))
  const { version, ...settings } = parse(body, await readJsonBody(event, lastra, LIMITS.textBodyBytes))
  const persona = await lastra.agents.personas.save(orgId, id, settings, user.id, version)
  return { ...persona, ...lastra.agents.status(orgId, persona) }
})
