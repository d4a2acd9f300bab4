/** The versions of a persona, newest first, each with who made it and when: `{ versions }` (AGT-8). */
export default defineApiHandler(async (event, lastra) => {
  const { orgId } = await requireOperator(event, lastra)
  return { versions: await lastra.agents.personas.versions(orgId, getRouterParam(event, 'id') ?? '') }
})
