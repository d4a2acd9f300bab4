import { createServer } from 'node:http'
import crossws from 'crossws/adapters/node'

/** Rooms on the `publish` of crossws. It leaves out the sender, who gets the message by itself. */
const adapter = crossws({
  hooks: {
    message(peer, message) {
      const { type, room, text } = JSON.parse(message.text())
      if (type === 'join') {
        peer.subscribe(room)
        return void peer.send('{"type":"joined"}')
      }
      const frame = JSON.stringify({ type: 'chat', room, text })
      peer.publish(room, frame)
      peer.send(frame)
    },
  },
})
const server = createServer((request, response) => response.writeHead(404).end())
server.on('upgrade', adapter.handleUpgrade)
server.listen(Number(process.env.PORT), '127.0.0.1')
