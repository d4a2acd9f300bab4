import { Server } from 'socket.io'

/** Rooms on Socket.IO over WebSocket alone; with `RECOVERY` its connection state recovery, which replays what was missed from memory. */
const io = new Server({
  transports: ['websocket'],
  serveClient: false,
  perMessageDeflate: false,
  ...(process.env.RECOVERY && { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } }),
})

io.on('connection', (socket) => {
  socket.on('join', (room, done) => {
    void socket.join(room)
    done()
  })
  socket.on('chat', (room, text, done) => {
    io.to(room).emit('chat', { room, text })
    done?.()
  })
})
io.listen(Number(process.env.PORT))
