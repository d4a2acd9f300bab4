import type { User } from '#shared/protocol/frames'
import type { AnswerTo } from '#shared/protocol/http'
import { LIMITS } from '#shared/protocol/limits'
import { fromFetch } from '../connection/chat-error'

/** A room as the lobby lists it. */
export type RoomListing = AnswerTo<'GET /api/rooms'>['rooms'][number]

/** What may be known of a room before joining it. */
export type RoomInfo = AnswerTo<'GET /api/rooms/[room]'>

export type LogPage = AnswerTo<'GET /api/rooms/[room]/log'>

/** The server's flag for who asks; the policy behind it, a default and the percentage that gets another one, is for administrators (FLAG-1). */
export type TransportFlag = AnswerTo<'GET /api/transport'>
export type TransportPolicy = NonNullable<TransportFlag['policy']>

/** Any fetch that parses JSON and throws on an error status: `$fetch`, or a server-side one that carries the visitor's cookie. */
export type ApiRequest = (path: string, options?: { method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', body?: Record<string, unknown>, query?: Record<string, unknown>, timeout?: number }) => Promise<unknown>

/** The server's HTTP routes. Every method rejects with a `ChatError`. */
export interface Api {
  session: () => Promise<User>
  /** Renews the session when it is time, and says for how many milliseconds it is good. */
  renew: () => Promise<number>
  signIn: (name: string) => Promise<User>
  rename: (name: string) => Promise<User>
  signOut: () => Promise<void>
  rooms: () => Promise<RoomListing[]>
  room: (room: string) => Promise<RoomInfo>
  log: (room: string, fromSeq: number) => Promise<LogPage>
  messages: (room: string, beforeSeq: number) => Promise<AnswerTo<'GET /api/rooms/[room]/messages'>>
  search: (room: string, words: string) => Promise<AnswerTo<'GET /api/rooms/[room]/search'>['messages']>
  transport: () => Promise<TransportFlag>
  setTransport: (policy: TransportPolicy) => Promise<TransportFlag>
}

/** How long an answer may take: one that got lost on a half-open connection would be waited for without end. */
const TIMEOUT_MS = 15_000

/** How many older messages one scroll to the top brings. */
const HISTORY_STEP = 100

/** One request of the routes below and of others like them. Rejects with a `ChatError`. */
export type ApiCall = <T>(path: string, options?: Parameters<ApiRequest>[1]) => Promise<T>

/** Bounds how long each request may take, and turns every failure into words. */
export function createApiCall(request: ApiRequest): ApiCall {
  return async <T>(path: string, options: Parameters<ApiRequest>[1] = {}) => {
    try {
      return await request(path, { ...options, timeout: TIMEOUT_MS }) as T
    } catch (error) {
      throw fromFetch(error)
    }
  }
}

/** Builds the routes. */
export function createApi(request: ApiRequest): Api {
  const call = createApiCall(request)
  return {
    session: async () => (await call<AnswerTo<'GET /api/session'>>('/api/session')).user,
    renew: async () => (await call<AnswerTo<'GET /api/session'>>('/api/session')).expires_in_ms,
    signIn: async name => (await call<AnswerTo<'POST /api/session'>>('/api/session', { method: 'POST', body: { name } })).user,
    rename: async name => (await call<AnswerTo<'PATCH /api/session'>>('/api/session', { method: 'PATCH', body: { name } })).user,
    signOut: () => call('/api/session', { method: 'DELETE' }),
    rooms: async () => (await call<AnswerTo<'GET /api/rooms'>>('/api/rooms')).rooms,
    room: room => call(`/api/rooms/${room}`),
    log: (room, fromSeq) => call(`/api/rooms/${room}/log`, { query: { from_seq: fromSeq, limit: LIMITS.logPage } }),
    messages: (room, beforeSeq) => call(`/api/rooms/${room}/messages`, { query: { before_seq: beforeSeq, limit: HISTORY_STEP } }),
    search: async (room, words) => (await call<AnswerTo<'GET /api/rooms/[room]/search'>>(`/api/rooms/${room}/search`, { query: { q: words } })).messages,
    transport: () => call('/api/transport'),
    setTransport: policy => call('/api/transport', { method: 'PUT', body: { ...policy } }),
  }
}
