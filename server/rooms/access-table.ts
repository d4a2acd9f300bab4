import type { ClientFrameOf, ClientFrameType } from '#shared/protocol/frames'
import type { Permission } from './access'

/**
 * What a frame needs: nothing of a room (`own`), something of a room one has not joined yet (`atDoor`, asked by its handler, which
 * finds the room), or something of a room its connection has joined (`inRoom`, asked by the router before the handler runs).
 */
export type FrameAccess<T extends ClientFrameType>
  = | 'own'
    | { readonly atDoor: Permission }
    | { readonly inRoom: Permission | ((frame: ClientFrameOf<T>) => readonly Permission[]), readonly refusal?: 'peer_gone' }

/** The permission of every frame (ACC-3). */
export const FRAMES: { readonly [T in ClientFrameType]: FrameAccess<T> } = {
  'auth': 'own',
  'ping': 'own',
  'join': { atDoor: 'join' },
  'leave': 'own',
  'chat': { inRoom: 'write' },
  // Of one's own, or of anybody: that is known when the message is.
  'edit': { inRoom: 'write' },
  'delete': { inRoom: 'write' },
  'react': { inRoom: 'write' },
  'clear': { inRoom: 'clear' },
  'room-update': {
    inRoom: ({ title, locked, listed }) => [
      ...title === undefined ? [] : ['rename'] as const,
      ...locked === undefined ? [] : ['lock'] as const,
      ...listed === undefined ? [] : ['list'] as const,
    ],
  },
  'member-update': { inRoom: 'moderate' },
  'bot-toggle': { inRoom: 'bots' },
  'ai-request': { inRoom: 'ask' },
  'ai-cancel': { inRoom: 'read' },
  'knock': { atDoor: 'find' },
  'knock-answer': { inRoom: 'moderate' },
  'presence': 'own',
  'typing': { inRoom: ({ active }) => [active ? 'write' : 'read'] },
  'webrtc-signal': { inRoom: 'read', refusal: 'peer_gone' },
  'media-state': { inRoom: 'read' },
  'media-control': { inRoom: 'moderate' },
}

/**
 * Who may use a route.
 *
 * - `open`: anybody, and nobody is asked who they are
 * - `anyone`: anybody, known or not
 * - `visitor`: somebody known, or a stranger where guests are let in
 * - `user`: somebody known
 * - `connection`: somebody known, counted as the frames of a chat connection are (CON-6)
 * - `operator`, `admin`: somebody known, of that role or a higher one
 * - `room`: who may do that in the room of the path, asked as a `user` or a `visitor`
 * - `session`: who may do that in the session with an agent that the path names, or with `named: 'body'` the body
 * - `answer`: who may do that in the session whose answer the path names
 */
export type RouteAccess
  = | 'open' | 'anyone' | 'visitor' | 'user' | 'connection' | 'operator' | 'admin'
    | { readonly room: Permission, readonly by: 'user' | 'visitor' }
    | { readonly session: Permission, readonly named: 'path' | 'body' }
    | { readonly answer: Permission }

/** The permission of every route (ACC-3), by its method and the path of its file. */
export const ROUTES = {
  'ANY /api/[...]': 'open',
  'GET /api/health': 'open',
  'GET /api/ice-servers': 'user',
  'POST /api/session': 'open',
  'GET /api/session': 'user',
  'PATCH /api/session': 'user',
  'DELETE /api/session': 'open',
  'GET /api/transport': 'anyone',
  'PUT /api/transport': 'admin',
  'GET /api/rooms': 'visitor',
  'GET /api/rooms/[room]': { room: 'find', by: 'visitor' },
  'GET /api/rooms/[room]/log': { room: 'read', by: 'user' },
  'GET /api/rooms/[room]/messages': { room: 'read', by: 'user' },
  'GET /api/rooms/[room]/search': { room: 'read', by: 'user' },
  'GET /api/chat/stream': 'connection',
  'POST /api/chat/stream': 'connection',
  'POST /api/chat/frames': 'connection',
  'GET /api/chat/poll': 'connection',
  'POST /api/chat/poll': 'connection',
  'DELETE /api/chat/poll': 'connection',
  'POST /api/chat/lines': 'connection',
  'POST /api/chat/lines/read': 'connection',
  'GET /api/chat/lines/stream': 'connection',
  'GET /api/ai-agent/agents': 'user',
  'GET /api/ai-agent/sessions': 'user',
  'POST /api/ai-agent/sessions': 'user',
  'GET /api/ai-agent/sessions/[id]': { session: 'read', named: 'path' },
  'PATCH /api/ai-agent/sessions/[id]': { session: 'rename', named: 'path' },
  'DELETE /api/ai-agent/sessions/[id]': { session: 'clear', named: 'path' },
  'POST /api/ai-agent/stream': { session: 'write', named: 'body' },
  'GET /api/ai-agent/stream/[streamId]': { answer: 'read' },
  'DELETE /api/ai-agent/stream/[streamId]': { answer: 'write' },
  'GET /api/personas': 'operator',
  'GET /api/personas/usage': 'operator',
  'POST /api/personas/try': 'operator',
  'GET /api/personas/[id]/versions': 'operator',
  'PUT /api/personas/[id]': 'operator',
  'DELETE /api/personas/[id]': 'operator',
} as const satisfies Readonly<Record<string, RouteAccess>>

export type RouteName = keyof typeof ROUTES
