/** Every persona as it stands, the engine that answers for it, and the engines there are: `{ personas, engines }` (AGT-8). */
export default defineRoute('GET /api/personas', async ({ lastra, identity: { orgId } }) => {
  const { agents } = lastra
  const personas = await agents.personas.list(orgId)
  return { personas: personas.map(persona => ({ ...persona, ...agents.status(orgId, persona) })), engines: agents.engines() }
})
