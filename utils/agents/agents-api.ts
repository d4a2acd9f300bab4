import type { AnswerTo } from '#shared/protocol/http'
import type { ApiRequest } from '../app/api'
import { createApiCall } from '../app/api'

/** A persona one can talk to in private (AGT-1). */
export type Agent = AnswerTo<'GET /api/ai-agent/agents'>['agents'][number]

/** One's session with an agent (AGT-1). */
export type AgentSession = AnswerTo<'POST /api/ai-agent/sessions'>

/** A session with its newest messages, oldest first, and the answer on its way. */
export type OpenedSession = AnswerTo<'GET /api/ai-agent/sessions/[id]'>

export interface AgentQuestion { sessionId: string, agentSlug: string, message: string, client_msg_id: string }

/** The server's routes for agents. Every method rejects with a `ChatError`. */
export interface AgentsApi {
  agents: () => Promise<Agent[]>
  sessions: (page: { archived: boolean, offset: number }) => Promise<AnswerTo<'GET /api/ai-agent/sessions'>>
  session: (id: string) => Promise<OpenedSession>
  create: (agentSlug: string) => Promise<AgentSession>
  change: (id: string, change: Partial<Pick<AgentSession, 'title' | 'pinned' | 'archived'>>) => Promise<AgentSession>
  remove: (id: string) => Promise<void>
  /** Says something; gives the stream of the answer. The same `client_msg_id` says it once. */
  ask: (question: AgentQuestion) => Promise<string>
  /** Stops an answer; what was said is kept. */
  stop: (streamId: string) => Promise<void>
  /** Messages before one, newest first. */
  before: (room: string, seq: number) => Promise<AnswerTo<'GET /api/rooms/[room]/messages'>>
}

/** How many sessions one request lists. */
const PAGE = 100

/** Builds the routes. */
export function createAgentsApi(request: ApiRequest): AgentsApi {
  const call = createApiCall(request)
  return {
    agents: async () => (await call<AnswerTo<'GET /api/ai-agent/agents'>>('/api/ai-agent/agents')).agents,
    sessions: ({ archived, offset }) => call('/api/ai-agent/sessions', { query: { archived, offset, limit: PAGE } }),
    session: id => call(`/api/ai-agent/sessions/${encodeURIComponent(id)}`),
    create: agentSlug => call('/api/ai-agent/sessions', { method: 'POST', body: { agentSlug } }),
    change: (id, change) => call(`/api/ai-agent/sessions/${encodeURIComponent(id)}`, { method: 'PATCH', body: { ...change } }),
    remove: id => call(`/api/ai-agent/sessions/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    ask: async question => (await call<AnswerTo<'POST /api/ai-agent/stream'>>('/api/ai-agent/stream', { method: 'POST', body: { ...question } })).streamId,
    stop: streamId => call(`/api/ai-agent/stream/${encodeURIComponent(streamId)}`, { method: 'DELETE' }),
    before: (room, seq) => call(`/api/rooms/${encodeURIComponent(room)}/messages`, { query: { before_seq: seq } }),
  }
}
