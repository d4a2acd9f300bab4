import { request } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { WebSocket } from 'ws'
import type { ServerFrame } from '#shared/protocol/frames'
import { Client, Refused } from './client'
import type { TestUser } from './session'
import { waitFor } from './wait'
import { WebSocketWire } from './wire'

/** A server whose certificate is trusted here alone. */
export interface TlsServer {
  url: string
  ca: string
}

export interface AskOptions {
  as?: Pick<TestUser, 'token'>
  body?: unknown
  headers?: Record<string, string>
  /** The client's own address: every 127.x.y.z is this machine. */
  from?: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  /** The body, where it is JSON. */
  body: unknown
}

/** Asks over HTTP/1.1 and TLS, on a connection of its own. */
export async function ask(server: TlsServer, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
  const response = await begin(server, method, path, options)
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string
  const isJson = response.headers['content-type']?.includes('application/json')
  return { status: response.statusCode ?? 0, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

function begin({ url, ca }: TlsServer, method: string, path: string, { as, body, headers, from }: AskOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, {
      method, ca, agent: false, localAddress: from,
      headers: { ...as && { authorization: `Bearer ${as.token}` }, ...body !== undefined && { 'content-type': 'application/json' }, ...headers },
    }, resolve)
    sent.once('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** An open stream of events, each with when it came. */
export interface TlsStream {
  status: number
  headers: IncomingHttpHeaders
  events: { frame: ServerFrame, at: number }[]
  /** Comments, which keep it alive. */
  comments: number
  /** Whether the other side has ended it, for good or not. */
  ended: boolean
  connectionId: string
  close: () => void
}

/** Opens a stream, and waits for nothing but its headers. */
export async function openStream(server: TlsServer, query: string, options: AskOptions = {}): Promise<TlsStream> {
  const response = await begin(server, 'GET', `/api/chat/stream?${query}`, options)
  const stream: TlsStream = {
    status: response.statusCode ?? 0, headers: response.headers, events: [], comments: 0, ended: false,
    get connectionId() {
      const greeting = this.events[0]?.frame
      return greeting?.type === 'connection.established' ? greeting.connection_id : ''
    },
    close: () => void response.destroy(),
  }
  const parser = createParser({
    onEvent: ({ data }) => void stream.events.push({ frame: JSON.parse(data) as ServerFrame, at: performance.now() }),
    onComment: () => void stream.comments++,
  })
  response.setEncoding('utf8').on('data', (text: string) => parser.feed(text))
  response.once('close', () => stream.ended = true).on('error', () => undefined)
  return stream
}

/** Opens a stream and waits until its rooms are joined. */
export async function joinStream(server: TlsServer, query: string, options: AskOptions = {}): Promise<TlsStream> {
  const stream = await openStream(server, query, options)
  await waitFor(() => stream.events.some(({ frame }) => frame.type === 'replay.end'), { what: () => `a joined stream, not ${stream.status}` })
  return stream
}

/** When a stream brought a message. */
export async function arrival(stream: TlsStream, text: string): Promise<number> {
  const event = await waitFor(() => stream.events.find(({ frame }) => frame.type === 'message.new' && frame.content.text === text), { interval: 2, what: text })
  return event.at
}

/** Fetches what came after a frame, and waits for it. */
export function poll(server: TlsServer, connectionId: string, after: number, waitMs: number, as: Pick<TestUser, 'token'>): Promise<Answer> {
  return ask(server, 'GET', `/api/chat/poll?connection_id=${connectionId}&after=${after}&wait_ms=${waitMs}`, { as })
}

/** Opens a polling connection, and fetches what joining its room brings. */
export async function openPoll(server: TlsServer, room: string, as: Pick<TestUser, 'token'>): Promise<{ connection_id: string, next: number }> {
  const { body } = await ask(server, 'POST', `/api/chat/poll?room=${room}`, { as })
  const { connection_id } = body as { connection_id: string }
  let next = 0
  // Joining takes a moment: its frames may come in several answers.
  await waitFor(async () => {
    const answer = (await poll(server, connection_id, next, 0, as)).body as { frames: ServerFrame[], next: number }
    next = answer.next
    return answer.frames.some(frame => frame.type === 'replay.end')
  })
  return { connection_id, next }
}

/** Opens a WebSocket over TLS. @throws Refused */
export async function openSocket(server: TlsServer & { wsUrl: string }, { as, headers, from }: Omit<AskOptions, 'body'> = {}): Promise<Client> {
  const socket = new WebSocket(server.wsUrl, { ca: server.ca, localAddress: from, headers: { ...as && { authorization: `Bearer ${as.token}` }, ...headers } })
  const client = new Client()
  client.wire = new WebSocketWire(socket, frame => client.receive(frame))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject)
    socket.once('unexpected-response', (_request, { statusCode, headers: got }) => reject(new Refused(statusCode ?? 0, got, '')))
  })
  if (as) client.established = await client.next('connection.established')
  return client
}
