import type { EntryFrame, User } from '#shared/protocol/frames'
import { LIMITS } from '#shared/protocol/limits'
import { fromFetch } from './chat-error'
import type { RoomMessage } from './room-view'

/** A room as the lobby lists it. */
export interface RoomListing {
  name: string
  title: string
  kind: string
  people: number
  last_at: string | null
  role: 'host' | 'member' | null
  listed: boolean
  locked: boolean
}

/** What may be known of a room before joining it. */
export interface RoomInfo { name: string, title: string, locked: boolean, people: number, member: boolean }

export interface LogPage { entries: EntryFrame[], head: number, epoch: string }

type Request = (path: string, options?: { method?: 'GET' | 'POST' | 'PATCH' | 'DELETE', body?: Record<string, unknown>, query?: Record<string, unknown> }) => Promise<unknown>

/** The server's HTTP routes. Every method rejects with a `ChatError`. */
export interface Api {
  session: () => Promise<User>
  signIn: (name: string) => Promise<User>
  rename: (name: string) => Promise<User>
  signOut: () => Promise<void>
  rooms: () => Promise<RoomListing[]>
  room: (room: string) => Promise<RoomInfo>
  log: (room: string, fromSeq: number) => Promise<LogPage>
  messages: (room: string, beforeSeq: number) => Promise<{ messages: RoomMessage[], more: boolean }>
  search: (room: string, words: string) => Promise<RoomMessage[]>
}

/** How many older messages one scroll to the top brings. */
const HISTORY_STEP = 100

/**
 * Builds the routes over any fetch that parses JSON and throws on an error status.
 *
 * @param request `$fetch`, or a server-side one that carries the visitor's cookie
 */
export function createApi(request: Request): Api {
  async function call<T>(...args: Parameters<Request>): Promise<T> {
    try {
      return await request(...args) as T
    } catch (error) {
      throw fromFetch(error)
    }
  }
  return {
    session: async () => (await call<{ user: User }>('/api/session')).user,
    signIn: async name => (await call<{ user: User }>('/api/session', { method: 'POST', body: { name } })).user,
    rename: async name => (await call<{ user: User }>('/api/session', { method: 'PATCH', body: { name } })).user,
    signOut: () => call('/api/session', { method: 'DELETE' }),
    rooms: async () => (await call<{ rooms: RoomListing[] }>('/api/rooms')).rooms,
    room: room => call(`/api/rooms/${room}`),
    log: (room, fromSeq) => call(`/api/rooms/${room}/log`, { query: { from_seq: fromSeq, limit: LIMITS.logPage } }),
    messages: (room, beforeSeq) => call(`/api/rooms/${room}/messages`, { query: { before_seq: beforeSeq, limit: HISTORY_STEP } }),
    search: async (room, words) => (await call<{ messages: RoomMessage[] }>(`/api/rooms/${room}/search`, { query: { q: words } })).messages,
  }
}
