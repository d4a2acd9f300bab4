/** What each persona used of its budget in this hour, for operators and administrators (AGT-12): `{ usage }`. */
export default defineRoute('GET /api/personas/usage', async ({ lastra, identity: { orgId } }) => {
  const personas = await lastra.agents.personas.list(orgId)
  return { usage: personas.map(persona => ({ id: persona.id, tokensThisHour: lastra.agents.status(orgId, persona).tokensThisHour, tokensPerHour: persona.tokensPerHour })) }
})
