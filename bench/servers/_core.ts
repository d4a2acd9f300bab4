import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Appended, RoomLog } from '../../server/log/types'
import { openDatabase } from '../../server/db/client'
import { createLocalBus } from '../../server/realtime/bus/local'
import { createRealtime } from '../../server/realtime/realtime'
import { createWebSocketServer } from '../../server/realtime/transports/websocket-server'
import { closeSocket, openSocket, receiveSocket } from '../../server/realtime/transports/websocket-session'
import type { SocketContext } from '../../server/realtime/transports/websocket-session'
import { createRoomDirectory } from '../../server/rooms/directory'
import { createUsers } from '../../server/auth/users'
import type { Message } from '../../shared/protocol/frames'

/** Lastra's hub with a log that keeps nothing: what the peers do, by Lastra's code. Everything but the log is the product's own. */
const listeners: Parameters<RoomLog['onCommitted']>[0][] = []
const heads = new Map<string, { name: string, head: number }>()
let count = 0

const { db } = await openDatabase(join(mkdtempSync(join(tmpdir(), 'lastra-bench-')), 'hub.db'))
const users = await createUsers(db, { operators: new Set(), admins: new Set() })
const rooms = createRoomDirectory(db, { creation: true })
const nothing = async (): Promise<never> => {
  throw new Error('not measured here')
}

const handle = { db, purge: () => undefined, close: async () => undefined }
import { createRoomLog } from '../../server/log/room-log'
const log: RoomLog = createRoomLog(handle as never, { onError: e => console.error(e) })
const plenty = { perSecond: 1e9, burst: 1e9 }
const realtime = createRealtime({
  log,
  rooms,
  bus: createLocalBus(),
  bots: { list: async () => [], streaming: () => [], ask: nothing, cancel: () => undefined },
  identities: { verify: async () => undefined, createGuest: nothing, peerId: (userId, key) => `${userId}:${key}` },
  limits: { connectionsPerUser: 1e9, connectionsPerAddress: 1e9, frames: plenty, chat: plenty, signals: plenty },
  onError: (error, where) => console.error(where, error),
})
setInterval(() => realtime.sweep(), 500)

const contexts = new WeakMap<object, SocketContext>()
const wss = createWebSocketServer((request, accepted) => {
  const context = contexts.get(request)
  if (context) context.accepted = accepted
})
const server = createServer((_request, response) => response.writeHead(404).end())
server.on('upgrade', (request, socket, head) => void (async () => {
  const user = await users.createGuest('Load')
  const context: SocketContext = { realtime, address: 'load', identity: { user, orgId: 'main', expiresAt: Date.now() + 86_400_000 } }
  contexts.set(request, context)
  wss.handleUpgrade(request, socket, head, (ws) => {
    wss.emit('connection', ws, request)
    ws.on('message', () => receiveSocket(context))
    ws.on('close', () => closeSocket(context))
    openSocket(context)
  })
})())
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGINT', () => process.exit())
