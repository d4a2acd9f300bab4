import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Appended, RoomLog } from '../../server/log/types'
import { openDatabase } from '../../server/db/client'
import { createLocalBus } from '../../server/realtime/bus/local'
import { createRealtime } from '../../server/realtime/realtime'
import { accept, createWebSocketServer } from '../../server/realtime/transports/websocket-server'
import { closeSocket, openSocket } from '../../server/realtime/transports/websocket-session'
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

const log: RoomLog = {
  async append(roomId, append): Promise<Appended> {
    if (append.type !== 'message') return { timestamp: '' }
    const room = heads.get(roomId) ?? { name: (await rooms.byId(roomId))?.name ?? '', head: 0 }
    heads.set(roomId, room)
    const timestamp = new Date().toISOString()
    const entry: Message = {
      type: 'message.new', room: room.name, seq: ++room.head, messageId: `m${++count}`, client_msg_id: append.clientMsgId,
      userId: append.userId, userName: append.userName, content: append.content, timestamp, metadata: {},
    }
    for (const listener of listeners) listener(roomId, [entry], 'here')
    return { entry, seq: entry.seq, messageId: entry.messageId, clientMsgId: append.clientMsgId, timestamp }
  },
  since: async roomId => ({ entries: [], epoch: 'none', head: heads.get(roomId)?.head ?? 0, floor: 0 }),
  newest: async roomId => ({ entries: [], epoch: 'none', head: heads.get(roomId)?.head ?? 0, floor: 0 }),
  before: nothing,
  search: nothing,
  onCommitted(listener) {
    listeners.push(listener)
    return () => undefined
  },
  follow: () => undefined,
  stored: nothing,
  heads: async () => new Map(),
  forget: () => undefined,
  drop: nothing,
  resume: () => undefined,
  erased: async () => undefined,
  drained: async () => undefined,
}

const plenty = { perSecond: 1e9, burst: 1e9 }
const realtime = createRealtime({
  log,
  rooms,
  systemLines: { newest: async () => [], before: async () => [], tellsJoins: async () => false, happened: () => undefined, forget: () => undefined },
  bus: createLocalBus(),
  bots: { list: async () => [], streaming: () => [], ask: nothing, cancel: () => undefined },
  identities: { verify: async () => undefined, isRevoked: () => false, createGuest: nothing, peerId: (userId, key) => `${userId}:${key}` },
  limits: { connectionsPerUser: 1e9, connectionsPerAddress: 1e9, frames: plenty, chat: plenty, signals: plenty },
  onError: (error, where) => console.error(where, error),
})
setInterval(() => realtime.sweep(), 500)

const wss = createWebSocketServer()
const server = createServer((_request, response) => response.writeHead(404).end())
server.on('upgrade', (request, socket, head) => void (async () => {
  const user = await users.createGuest('Load')
  const identity = { user, orgId: 'main', sid: user.id, expiresAt: Date.now() + 86_400_000 }
  wss.handleUpgrade(request, socket, head, (ws) => {
    const context: SocketContext = { realtime, address: 'load', identity, accepted: accept(ws, request.socket) }
    ws.on('close', () => closeSocket(context))
    openSocket(context)
  })
})())
server.listen(Number(process.env.PORT), '127.0.0.1')
