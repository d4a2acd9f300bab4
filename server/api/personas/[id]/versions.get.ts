import { ProtocolError } from '#shared/protocol/errors'

/** The versions of a persona, newest first, each with who made it and when: `{ versions }` (AGT-8). */
export default defineApiHandler(async (event, lastra) => {
  const { orgId } = await requireOperator(event, lastra)
  const id = getRouterParam(event, 'id') ?? ''
  if (!await lastra.agents.personas.find(orgId, id)) throw new ProtocolError('not_found', 'persona: does not exist')
  return { versions: await lastra.agents.personas.versions(orgId, id) }
})
