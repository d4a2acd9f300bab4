/** The agents one can talk to: `{ agents }`. */
export default defineApiHandler(async (event, lastra) => {
  const { orgId } = await requireIdentity(event, lastra)
  return { agents: await lastra.agents.list(orgId) }
})
