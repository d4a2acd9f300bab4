/** What is said about a room at its door: `{ name, title, locked, people, member }`. */
export default defineRoute('GET /api/rooms/[room]', ({ lastra, room, asker: { membership } }) => {
  return {
    name: room.name,
    title: room.title,
    locked: room.locked,
    people: lastra.realtime.context.presence.count(room.id),
    member: membership !== undefined && !membership.removed,
  }
})
