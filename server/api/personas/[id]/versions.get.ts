/** The versions of a persona, newest first, each with who made it and when: `{ versions }` (AGT-8). */
export default defineRoute('GET /api/personas/[id]/versions', async ({ event, lastra, identity: { orgId } }) => {
  return { versions: await lastra.agents.personas.versions(orgId, getRouterParam(event, 'id') ?? '') }
})
