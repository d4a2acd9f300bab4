const MAX_ROOMS = 100

/** The rooms one belongs to and those listed for everyone: `{ rooms }`, the latest spoken in first. */
export default defineRoute('GET /api/rooms', async ({ lastra, visitor: { user, orgId } }) => {
  const rooms = await lastra.rooms.list(orgId, user?.id, MAX_ROOMS)
  const { presence } = lastra.realtime.context
  return { rooms: rooms.map(({ id, ...room }) => ({ ...room, people: presence.count(id) })) }
})
