import { createParser } from 'eventsource-parser'
import type { UIMessageChunk } from 'ai'
import SQLite from 'better-sqlite3'
import { join } from 'node:path'
import { checkAnswer } from './contract'
import type { TestServer } from './server'
import { signToken } from './session'
import type { TestUser } from './session'
import { within } from './wait'

type Who = Pick<TestUser, 'token'>

/** A session as the server shows it (AGT-1). */
export interface Session {
  id: string
  agentSlug: string
  title: string
  room: string
  pinned: boolean
  archived: boolean
  messages: { messageId: string, userId: string, in_reply_to?: string, content: { text: string, type: string }, metadata: Record<string, unknown> }[]
  stream?: { streamId: string, state: string }
}

/** Asks a JSON route. */
export async function api<T = Record<string, unknown>>(server: Pick<TestServer, 'url'>, who: Who | undefined, method: string, path: string, body?: unknown): Promise<{ status: number, body: T }> {
  const response = await fetch(`${server.url}/api/${path}`, {
    method,
    headers: { ...who && { authorization: `Bearer ${who.token}` }, ...body !== undefined && { 'content-type': 'application/json' } },
    ...body !== undefined && { body: JSON.stringify(body) },
  })
  const text = await response.text()
  const answer: unknown = text === '' ? undefined : JSON.parse(text)
  checkAnswer(method, `/api/${path}`, response.status, answer)
  return { status: response.status, body: answer as T }
}

/** Opens a session. @throws when the server refuses */
export async function openSession(server: Pick<TestServer, 'url'>, who: Who, agentSlug = 'host', title?: string): Promise<Session> {
  const { status, body } = await api<Session>(server, who, 'POST', 'ai-agent/sessions', { agentSlug, title })
  if (status !== 200) throw new Error(`no session: ${status} ${JSON.stringify(body)}`)
  return body
}

/** Says something to the agent of a session and gives the answer's stream. @throws when the server refuses */
export async function say(server: Pick<TestServer, 'url'>, who: Who, { id, agentSlug }: Pick<Session, 'id' | 'agentSlug'>, message: string, client_msg_id: string = crypto.randomUUID()): Promise<string> {
  const { status, body } = await api<{ streamId: string }>(server, who, 'POST', 'ai-agent/stream', { sessionId: id, agentSlug, message, client_msg_id })
  if (status !== 200) throw new Error(`not said: ${status} ${JSON.stringify(body)}`)
  return body.streamId
}

/** One event of a stream. */
export interface StreamEvent {
  id: number
  data: string
}

/** A viewer of a stream. */
export interface Viewer {
  status: number
  headers: Headers
  /** What came, in order. */
  events: StreamEvent[]
  /** Resolves when the stream has ended, or was left. */
  ended: Promise<void>
  leave: () => void
}

/** Opens a stream and reads it. @param after the last event the viewer has */
export async function watch(server: Pick<TestServer, 'url'>, who: Who | undefined, streamId: string, after?: number): Promise<Viewer> {
  const gone = new AbortController()
  const response = await fetch(`${server.url}/api/ai-agent/stream/${streamId}`, {
    signal: gone.signal,
    headers: { ...who && { authorization: `Bearer ${who.token}` }, ...after !== undefined && { 'last-event-id': String(after) } },
  })
  const events: StreamEvent[] = []
  const parser = createParser({ onEvent: event => events.push({ id: Number(event.id), data: event.data }) })
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder()
    for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) parser.feed(decoder.decode(chunk, { stream: true }))
  }
  return { status: response.status, headers: response.headers, events, ended: read().catch(() => undefined), leave: () => gone.abort() }
}

/** Reads a stream to its end. */
export async function readAll(server: Pick<TestServer, 'url'>, who: Who, streamId: string, after?: number): Promise<StreamEvent[]> {
  const viewer = await watch(server, who, streamId, after)
  if (viewer.status >= 400) throw new Error(`no stream: ${viewer.status}`)
  await within(viewer.ended, 30_000, 'the end of a stream')
  return viewer.events
}

/** The parts of the AI SDK's protocol in some events. */
export function chunks(events: readonly StreamEvent[]): UIMessageChunk[] {
  return events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data) as UIMessageChunk)
}

/** What was said in some events. */
export function said(events: readonly StreamEvent[]): string {
  return chunks(events).map(chunk => chunk.type === 'text-delta' ? chunk.delta : '').join('')
}

/** Someone of another organisation, put into the database of a running server. */
export async function addStranger(server: Pick<TestServer, 'dataDir'>, id: string): Promise<Who> {
  const db = new SQLite(join(server.dataDir, 'lastra.db'))
  try {
    const at = new Date().toISOString()
    db.prepare('insert or ignore into organisations (id, name, created_at) values (?, ?, ?)').run('elsewhere', 'Elsewhere', at)
    db.prepare('insert into users (id, org_id, name, role, created_at) values (?, ?, ?, ?, ?)').run(id, 'elsewhere', 'Stranger', 'member', at)
  } finally {
    db.close()
  }
  return { token: await signToken(server, { sub: id }) }
}

/** The audit trail of a server, as things happened: what two writers recorded may reach the disk the other way round. */
export function auditTrail(server: Pick<TestServer, 'dataDir'>): { action: string, user_id: string, room_id: string | null, detail: string }[] {
  const db = new SQLite(join(server.dataDir, 'lastra.db'), { readonly: true })
  try {
    return db.prepare<[], { action: string, user_id: string, room_id: string | null, detail: string }>('select action, user_id, room_id, detail from audit order by created_at, id').all()
  } finally {
    db.close()
  }
}
