import { WebSocketServer } from 'ws'

/** Rooms on bare `ws`, as one would write them in an afternoon: each message is encoded once and sent to each member. */
const rooms = new Map()
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1', perMessageDeflate: false, clientTracking: false })

server.on('connection', (socket) => {
  const joined = new Set()
  socket.on('message', (data) => {
    const { type, room, text } = JSON.parse(String(data))
    if (type === 'join') {
      joined.add(room)
      if (!rooms.has(room)) rooms.set(room, new Set())
      rooms.get(room).add(socket)
      return socket.send('{"type":"joined"}')
    }
    const frame = JSON.stringify({ type: 'chat', room, text })
    for (const member of rooms.get(room) ?? []) member.send(frame)
  })
  socket.on('close', () => joined.forEach(room => rooms.get(room)?.delete(socket)))
})
