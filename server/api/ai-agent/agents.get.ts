/** The agents one can talk to: `{ agents }`. */
export default defineRoute('GET /api/ai-agent/agents', async ({ lastra, identity: { orgId } }) => {
  return { agents: await lastra.agents.list(orgId) }
})
