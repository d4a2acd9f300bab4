/** What is said about a room at its door: `{ name, title, locked, people, member }`. */
export default defineApiHandler(async (event, lastra) => {
  const { user, orgId } = await requireVisitor(event, lastra)
  const room = await requireRoom(event, lastra, orgId, user?.id)
  const known = user && await lastra.rooms.membership(room.id, user.id)
  return {
    name: room.name,
    title: room.title,
    locked: room.locked,
    people: lastra.realtime.context.presence.count(room.id),
    member: known !== undefined && !known.membership.removed,
  }
})
