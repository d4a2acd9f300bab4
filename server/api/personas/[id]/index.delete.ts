import { z } from 'zod'

const query = z.object({ version: z.coerce.number().int().min(0).optional() })

/** Deletes a persona; one that the product brings becomes what it was at first (AGT-10): `{ deleted }`, `{ persona }`. */
export default defineRoute('DELETE /api/personas/[id]', async ({ event, lastra, identity: { user, orgId } }) => {
  const { version } = parse(query, getQuery(event))
  const persona = await lastra.agents.personas.remove(orgId, getRouterParam(event, 'id') ?? '', user.id, version)
  return persona ? { deleted: false as const, persona: { ...persona, ...lastra.agents.status(orgId, persona) } } : { deleted: true as const }
})
